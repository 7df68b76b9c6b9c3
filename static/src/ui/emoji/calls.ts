// What is asked of REST about the emoji of the workspace's own.
import type { Rest } from "../../net/actions";
import type { CustomEmoji } from "../../protocol";

/** How many pictures of an animation an emoji does not show. */
export type Made = CustomEmoji & { left_out: number };

const pathOf = (name: string): string => `emoji/${encodeURIComponent(name)}`;

export const put = (rest: Rest, name: string, picture: Blob) => rest.putFile<Made>(pathOf(name), picture);

export const call = (rest: Rest, name: string, alias: string) =>
  rest.put<CustomEmoji>(`${pathOf(name)}/aliases/${encodeURIComponent(alias)}`);

export const remove = (rest: Rest, name: string) => rest.delete<void>(pathOf(name));
