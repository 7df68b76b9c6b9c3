// What a role may do on the screen follows the server's table.
import { expect, test } from "vitest";
import type { RoomState } from "../protocol";
import { rightsOf } from "./selectors";

const room = (fields: Partial<RoomState>): RoomState => ({
  id: 1,
  slug: null,
  name: "room",
  topic: "",
  kind: "open",
  epoch: "e",
  last_seq: 0,
  last_msg_no: 0,
  read_msg_no: 0,
  read_backs: 0,
  unread: 0,
  mentions: 0,
  role: "member",
  level: "all",
  members: 2,
  peers: [],
  archived: false,
  last_at: null,
  muted_until: null,
  previews: true,
  posting: "everyone",
  slow_s: 0,
  slow_until: null,
  calls: "auto",
  seen: true,
  named: true,
  ...fields,
});

test("a member writes, invites and leaves, and does not run the room", () => {
  expect(rightsOf(room({}), "member")).toEqual({
    write: true,
    begin: true,
    answer: true,
    waits: false,
    pin: false,
    markUnread: true,
    removeOthers: false,
    invite: true,
    removeMembers: false,
    run: false,
    name: false,
    leave: true,
  });
});

test("a moderator takes out messages and people; an owner also runs the room", () => {
  expect(rightsOf(room({ role: "moderator" }), "member")).toMatchObject({
    removeOthers: true,
    removeMembers: true,
    run: false,
  });
  expect(rightsOf(room({ role: "owner" }), "member")).toMatchObject({ removeOthers: true, run: true });
  expect(rightsOf(room({}), "admin")).toMatchObject({ removeOthers: true, run: true });
});

test("nobody runs, joins or leaves a direct conversation, a workspace owner included", () => {
  expect(rightsOf(room({ kind: "direct" }), "owner")).toEqual({
    write: true,
    begin: true,
    answer: true,
    waits: false,
    pin: true,
    markUnread: true,
    removeOthers: false,
    invite: false,
    removeMembers: false,
    run: false,
    name: false,
    leave: false,
  });
});

test("an archived room is read, run and left, not written to", () => {
  expect(rightsOf(room({ archived: true, role: "owner" }), "member")).toMatchObject({
    write: false,
    invite: false,
    run: true,
    leave: true,
  });
});

test("who is not in a room does not write there", () => {
  expect(rightsOf(room({ role: null }), "member")).toMatchObject({
    write: false,
    invite: false,
    leave: false,
  });
});

test("where moderators alone write a member reads and reacts; answers stand where the room lets them", () => {
  const told = { begin: false, answer: false, write: true };
  expect(rightsOf(room({ posting: "moderators" }), "member")).toMatchObject(told);
  expect(rightsOf(room({ posting: "threads" }), "member")).toMatchObject({ ...told, answer: true });
  for (const role of ["moderator", "owner"] as const) {
    const rights = rightsOf(room({ posting: "moderators", slow_s: 30, role }), "member");
    expect(rights).toMatchObject({ begin: true, answer: true, waits: false });
  }
  expect(rightsOf(room({ slow_s: 30 }), "member").waits).toBe(true);
  expect(rightsOf(room({ slow_s: 30, archived: true }), "member").waits).toBe(false);
});

test("a conversation of several may be named by each of them, one of two by nobody", () => {
  expect(rightsOf(room({ kind: "direct", peers: [2, 3] }), "member").name).toBe(true);
  expect(rightsOf(room({ kind: "direct", peers: [2] }), "owner").name).toBe(false);
});

test("a guest writes and leaves, and brings nobody in", () => {
  expect(rightsOf(room({ role: "guest" }), "guest")).toMatchObject({
    write: true,
    leave: true,
    invite: false,
  });
  expect(rightsOf(room({ kind: "direct", peers: [2, 3] }), "guest")).toMatchObject({
    invite: false,
    name: true,
  });
});
