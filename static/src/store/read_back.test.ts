import { expect, it } from "vitest";
import { opened, posted, posts, room, run } from "./cast";
import { ModelServer, ROOM } from "./model_server";

const start = () => run(opened(new ModelServer(posts(9))), { type: "local.read", room: ROOM, msgNo: 9 });

it("goes back, and asks which of the unread ones name me", () => {
  const state = run(start(), { type: "read", room: ROOM, msg_no: 4, backs: 1 });
  expect(room(state).state).toMatchObject({ read_msg_no: 4, read_backs: 1, unread: 5 });
  expect(room(state)).toMatchObject({ isKeptUnread: true, newLineAfter: 4 });
  expect(state.ask.has(ROOM)).toBe(true);
});

it("hears what was said before it no more, however late it comes", () => {
  const back = run(start(), { type: "read", room: ROOM, msg_no: 4, backs: 1 });
  const late = run(
    back,
    { type: "read", room: ROOM, msg_no: 9, backs: 0 },
    { type: "read", room: ROOM, msg_no: 4, backs: 1 },
  );
  expect(room(late).state).toMatchObject({ read_msg_no: 4, unread: 5 });
  const on = run(late, { type: "read", room: ROOM, msg_no: 7, backs: 1 });
  expect(room(on).state).toMatchObject({ read_msg_no: 7, unread: 2 });
});

it("takes the later of two marks when the room is told anew", () => {
  const back = run(start(), { type: "read", room: ROOM, msg_no: 4, backs: 1 });
  const told = { ...room(back).state, read_msg_no: 9, read_backs: 0 };
  expect(room(run(back, { type: "local.room", room: told })).state).toMatchObject({
    read_msg_no: 4,
    unread: 5,
  });
  const later = { ...told, read_msg_no: 2, read_backs: 2 };
  const anew = run(back, { type: "local.room", room: later });
  expect(room(anew).state).toMatchObject({ read_msg_no: 2, unread: 7 });
  expect(room(anew).isKeptUnread).toBe(true);
});

it("is over when I come again or write", () => {
  const back = run(start(), { type: "read", room: ROOM, msg_no: 4, backs: 1 });
  const again = run(back, { type: "local.entered", room: null }, { type: "local.entered", room: ROOM });
  expect(room(again).isKeptUnread).toBe(false);
  const mine = posted(10, { msg_no: 10 });
  if (!("message" in mine)) throw new Error("no message");
  const said = run(back, {
    ...mine,
    message: { ...mine.message, sender: { ...mine.message.sender, id: back.me.id } },
  });
  expect(room(said)).toMatchObject({ isKeptUnread: false, state: { read_msg_no: 10, unread: 0 } });
});
