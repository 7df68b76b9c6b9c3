// What is asked of REST about groups.
import type { Rest } from "../../net/actions";
import type { User } from "../../protocol";
import type { Group } from "../composer/calls";

export interface GroupWithPeople extends Group {
  people: User[];
}

export interface GroupFields {
  handle: string;
  name: string;
  members: number[];
}

export const allGroups = (rest: Rest) => rest.get<{ items: Group[]; may_make: boolean }>("groups");

export const groupOf = (rest: Rest, id: number) => rest.get<GroupWithPeople>(`groups/${id}`);

export const makeGroup = (rest: Rest, fields: GroupFields) => rest.post<GroupWithPeople>("groups", fields);

export const updateGroup = (rest: Rest, id: number, fields: GroupFields) =>
  rest.patch<GroupWithPeople>(`groups/${id}`, fields);

export const deleteGroup = (rest: Rest, id: number) => rest.delete<void>(`groups/${id}`);
