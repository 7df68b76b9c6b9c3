import { describe, expect, it } from "vitest";
import type { Change, Message, ServerFrame } from "../protocol";
import { opened, posted, posts, room, run, seqs, waiting } from "./cast";
import { isShown } from "./changes";
import { BOB, CAROL, ME, ModelServer, ROOM } from "./model_server";
import { emptyState, type State } from "./state";

describe("changes", () => {
  it("are held back until the hole before them is filled", () => {
    const before = opened(new ModelServer(posts(3)));
    const ahead = run(before, posted(6), posted(5));
    expect([seqs(ahead), room(ahead).cursor, room(ahead).state.last_seq]).toEqual([[1, 2, 3], 3, 6]);
    const whole = run(ahead, posted(4));
    expect([seqs(whole), room(whole).cursor, room(whole).held.size]).toEqual([[1, 2, 3, 4, 5, 6], 6, 0]);
  });

  it("count once, however often they come", () => {
    const state = run(opened(new ModelServer(posts(3))), posted(4), posted(4), posted(4));
    expect([room(state).state.unread, seqs(state)]).toEqual([4, [1, 2, 3, 4]]);
  });

  it("that are older than what is shown change nothing", () => {
    const state = opened(new ModelServer(posts(3)));
    expect(run(state, posted(2, { body: "as it was once" }))).toBe(state);
  });

  it("of a kind that a newer server has move the cursor on", () => {
    const strange = { type: "message.sung", room: ROOM, seq: 4, at: "" } as unknown as ServerFrame;
    const state = run(opened(new ModelServer(posts(3))), strange, posted(5));
    expect([room(state).cursor, seqs(state)]).toEqual([5, [1, 2, 3, 5]]);
  });

  it("of a room that is not known are a reason to ask for it", () => {
    const state = run(emptyState(ME), posted(1));
    expect([...state.ask]).toEqual([ROOM]);
    const told = run(state, { type: "local.room", room: new ModelServer(posts(1)).roomState() });
    expect([told.ask.size, told.rooms.has(ROOM)]).toEqual([0, true]);
  });

  it("beyond a bound are not held but read again", () => {
    let state = opened(new ModelServer(posts(1)));
    const message = posted(2);
    for (let seq = 3; seq < 1_200; seq++) state = run(state, { ...message, seq } as Change);
    expect([room(state).held.size, room(state).state.last_seq]).toEqual([1_000, 1_199]);
  });

  it("take me out of a room", () => {
    const left = {
      type: "member.left",
      room: ROOM,
      seq: 4,
      at: "",
      user: ME,
      role: "member",
      by: 2,
      members: 1,
      muted_until: null,
      is_banned: true,
      banned_until: null,
      reason: "spam",
    } as const;
    expect(run(opened(new ModelServer(posts(3))), left).rooms.size).toBe(0);
  });

  it("of people renew the list of members that is open", () => {
    const member = { user: BOB, role: "owner" as const, joined_at: "", muted_until: null };
    const before = run(opened(new ModelServer([])), { type: "local.members", room: ROOM, members: [member] });
    const came = {
      type: "member.joined",
      room: ROOM,
      seq: 1,
      at: "t",
      user: CAROL,
      role: "member",
      by: null,
      members: 3,
      muted_until: null,
      is_banned: false,
      banned_until: null,
      reason: null,
    } as const;
    const grown = run(before, came);
    expect(room(grown).members!.map(({ user }) => user.handle)).toEqual(["bob", "carol"]);
    const promoted = run(grown, { ...came, type: "member.changed", seq: 2, role: "moderator" });
    expect(room(promoted).members!.map(({ role }) => role)).toEqual(["owner", "moderator"]);
    const gone = run(promoted, { ...came, type: "member.left", seq: 3, members: 2 });
    expect([room(gone).members!.length, room(gone).state.members]).toEqual([1, 2]);
  });

  it("of a mute take my voice and give it back", () => {
    const muted = {
      type: "member.changed",
      room: ROOM,
      seq: 1,
      at: "t",
      user: ME,
      role: "member",
      by: 2,
      members: 2,
      muted_until: "9999-01-01T00:00:00.000Z",
      is_banned: false,
      banned_until: null,
      reason: "rest",
    } as const;
    const silent = run(opened(new ModelServer([])), muted);
    expect(room(silent).state.muted_until).toBe("9999-01-01T00:00:00.000Z");
    expect(room(run(silent, { ...muted, seq: 2, muted_until: null })).state.muted_until).toBeNull();
    const other = run(silent, { ...muted, user: BOB, seq: 2, muted_until: null });
    expect(room(other).state.muted_until).toBe("9999-01-01T00:00:00.000Z");
  });

  it("of kinds that are not known here only take their place in the order", () => {
    const before = opened(new ModelServer([]));
    const banned = {
      type: "member.banned",
      room: ROOM,
      seq: 1,
      at: "t",
      user: CAROL,
      by: 2,
      banned_until: null,
      reason: null,
    } as const;
    const after = run(run(before, banned), {
      ...banned,
      type: "member.promoted",
      seq: 2,
    } as unknown as Change);
    expect(room(after).cursor).toBe(2);
    expect(room(after).members).toEqual(room(before).members);
  });

  it("with names from a prototype are plain data", () => {
    const emoji = "__proto__";
    const change = {
      ...posted(4),
      message: { ...(posted(4) as { message: Message }).message, reactions: [{ emoji, users: [2] }] },
    };
    const state = run(opened(new ModelServer(posts(3))), change as Change);
    expect(room(state).timeline.messages.at(-1)!.reactions).toEqual([{ emoji: "__proto__", users: [2] }]);
    expect(({} as Record<string, unknown>).users).toBeUndefined();
  });
});

describe("what I wrote", () => {
  it("is replaced by the message that carries its id", () => {
    const before = run(opened(new ModelServer(posts(3))), {
      type: "local.pending",
      pending: waiting("mine"),
    });
    const mine = { sender: { ...ME }, client_message_id: "mine" };
    const state = run(before, posted(4, mine));
    expect([state.pending, seqs(state)]).toEqual([[], [1, 2, 3, 4]]);
  });

  it("is not replaced by somebody else's message with the same id", () => {
    const before = run(opened(new ModelServer(posts(3))), {
      type: "local.pending",
      pending: waiting("mine"),
    });
    expect(run(before, posted(4, { client_message_id: "mine" })).pending).toHaveLength(1);
  });

  it("stays in sight between the answer and the change, in whichever order they come", () => {
    const before = run(opened(new ModelServer(posts(3))), {
      type: "local.pending",
      pending: waiting("mine"),
    });
    const answered = run(before, { type: "local.stored", clientMessageId: "mine", seq: 4 });
    expect(answered.pending).toMatchObject([{ storedSeq: 4 }]);
    expect(run(answered, posted(4)).pending).toEqual([]);
    const shown = run(before, posted(4));
    expect(run(shown, { type: "local.stored", clientMessageId: "mine", seq: 4 }).pending).toEqual([]);
  });

  it("does not stay for ever when its change is never told, because the room was reset", () => {
    const server = new ModelServer(posts(3));
    const before = run(
      opened(server),
      { type: "local.pending", pending: waiting("mine") },
      { type: "local.stored", clientMessageId: "mine", seq: 4 },
    );
    server.doAll(posts(5));
    const result = { ...server.resume(3), reset: [ROOM] };
    expect(run(before, { type: "local.resumed", result }).pending).toEqual([]);
  });

  it("reads the room up to it", () => {
    const state = run(opened(new ModelServer(posts(3))), posted(4, { sender: { ...ME } }));
    expect(room(state).state).toMatchObject({ unread: 0, read_msg_no: 4, last_msg_no: 4 });
  });
});

describe("somebody who is called something else", () => {
  it("is so wherever they stand on the page, and others stay as they are", () => {
    const server = new ModelServer([...posts(1, 1), ...posts(1, 2), { kind: "reply", by: 1, pick: 1 }]);
    const start = opened(server);
    const [first, second, reply] = room(start).timeline.messages;
    const thread = {
      root: second!.id,
      room: ROOM,
      first: second!,
      replies: [reply!],
      loading: false,
      failed: false,
    };
    const before = run(start, { type: "local.thread", thread });
    const { id, handle: _, name: __, ...rest } = before.users.get(first!.sender.id)!;
    const nobody = { id, ...rest, handle: "deleted-1-abc", name: "Deleted user" };
    const left = {
      type: "member.left",
      room: ROOM,
      seq: 4,
      at: "t",
      user: nobody,
      members: 1,
    } as unknown as Change;
    const after = run(before, left);
    const names = (state: State) => room(state).timeline.messages.map((message) => message.sender.name);
    expect(names(after)).toEqual(["Deleted user", names(before)[1], "Deleted user"]);
    expect(after.thread!.replies[0]!.sender).toMatchObject({ name: "Deleted user", handle: "deleted-1-abc" });
    expect(after.thread!.first).toBe(before.thread!.first);
    expect(room(after).timeline.messages[1]).toBe(second);
  });
});

describe("messages that expire", () => {
  const expired = (seq: number, ...messages: number[]): Change =>
    ({ type: "message.expired", room: ROOM, seq, at: "t", messages }) as Change;

  it("go wherever they are shown, and numbers stay", () => {
    const server = new ModelServer([...posts(3), { kind: "reply", by: 2, pick: 0 }]);
    const before = opened(server);
    const thread = { root: 1001, room: ROOM, first: null, replies: [], loading: false, failed: false };
    const after = run(before, { type: "local.thread", thread }, expired(5, 1001, 1004));
    expect(seqs(after)).toEqual([2, 3]);
    expect([after.thread, room(after).cursor]).toEqual([null, 5]);
    expect(room(after).state.last_msg_no).toBe(3);
    expect(run(after, expired(5, 1001, 1004), expired(6, 9999)).rooms.get(ROOM)!.cursor).toBe(6);
  });

  it("are shown no more, nor is what is deleted", () => {
    const server = new ModelServer([...posts(3), { kind: "reply", by: 2, pick: 0 }]);
    const before = opened(server);
    const [first, second] = room(before).timeline.messages;
    const thread = { root: 1001, room: ROOM, first: first!, replies: [], loading: false, failed: false };
    const threaded = run(before, { type: "local.thread", thread });
    const shown = (state: State) => [1001, 1002].map((id) => isShown(state, ROOM, id));
    expect(shown(threaded)).toEqual([true, true]);
    expect(isShown(threaded, ROOM + 1, 1001)).toBe(false);
    const deleted = { ...second!, deleted_at: "t", body: "" };
    const change = { type: "message.deleted", room: ROOM, seq: 5, at: "t", message: deleted } as Change;
    expect(shown(run(threaded, change))).toEqual([true, false]);
    expect(shown(run(threaded, change, expired(6, 1001, 1004)))).toEqual([false, false]);
    // A thread shows its first message also where the room is not here.
    const alone = { ...threaded, rooms: new Map() };
    expect(shown(alone)).toEqual([true, false]);
  });

  it("are left out of a page that was read before they went", () => {
    const server = new ModelServer(posts(6));
    const start = run(opened(new ModelServer(posts(6))), {
      type: "local.loading",
      room: ROOM,
      which: "newest",
    });
    const page = run(start, expired(7, 1001, 1002), server.page("newest", null, 50));
    expect(seqs(page)).toEqual([3, 4, 5, 6]);
    expect(room(page).timeline.removed.size).toBe(0);
  });

  it("leave a room that is read anew when nothing of what is here is left", () => {
    const server = new ModelServer(posts(80));
    const before = opened(server);
    const all = room(before).timeline.messages.map((message) => message.id);
    const after = room(run(before, expired(81, ...all))).timeline;
    expect([after.loaded, after.messages]).toEqual([false, []]);
  });

  it("have unread mentions counted by the server again", () => {
    const server = new ModelServer([{ kind: "post", by: 1, names: true }]);
    const before = opened(server);
    expect(room(before).state.mentions).toBe(1);
    expect([...run(before, expired(2, 1001)).ask]).toEqual([ROOM]);
  });
});

describe("taking up again", () => {
  it("keeps what is shown after a reset, but joins nothing to it", () => {
    const server = new ModelServer(posts(5));
    const before = opened(server);
    server.doAll(posts(100));
    const reset = run(
      before,
      { type: "local.resumed", result: { ...server.resume(5), reset: [ROOM] } },
      { type: "synced" },
    );
    expect([seqs(reset), room(reset).timeline.stale, room(reset).cursor]).toEqual([
      [1, 2, 3, 4, 5],
      true,
      105,
    ]);
    const live = run(reset, { ...posted(4), seq: 106 } as Change);
    expect(seqs(live)).toEqual([1, 2, 3, 4, 5]);
    const page = run(
      reset,
      { type: "local.loading", room: ROOM, which: "newest" },
      server.page("newest", null, 10),
    );
    expect(seqs(page)).toEqual([96, 97, 98, 99, 100, 101, 102, 103, 104, 105]);
    expect(room(page).timeline).toMatchObject({ gapBeforeSeq: 96, stale: false, hasBefore: true });
    const older = run(
      page,
      { type: "local.loading", room: ROOM, which: "before" },
      server.page("before", 96, 10),
    );
    expect([seqs(older)[0], room(older).timeline.gapBeforeSeq]).toEqual([86, null]);
  });

  it("forgets everything that another epoch said", () => {
    const before = opened(new ModelServer(posts(9)));
    const result = { ...new ModelServer(posts(2)).resume(undefined), epoch: "another" };
    const state = run(before, { type: "local.resumed", result });
    expect([room(state).cursor, room(state).timeline.stale, state.epoch]).toEqual([2, true, "another"]);
  });

  it("drops rooms that I am no longer in and takes new ones", () => {
    const before = opened(new ModelServer(posts(1)));
    const other = { ...new ModelServer([]).roomState(), id: 99 };
    const state = run(before, {
      type: "local.resumed",
      result: { epoch: "e", rooms: [other], users: [], reset: [] },
    });
    expect([...state.rooms.keys()]).toEqual([99]);
  });

  it("tells how much is missing until it is there", () => {
    const server = new ModelServer(posts(3));
    const before = opened(server);
    server.doAll(posts(2));
    let state = run(before, { type: "local.resumed", result: server.resume(3) });
    expect(state.link).toEqual({ kind: "catching_up", missing: 2 });
    state = run(state, posted(4));
    expect(state.link).toEqual({ kind: "catching_up", missing: 1 });
    expect(run(state, posted(5), { type: "synced" }).link).toEqual({ kind: "online" });
  });

  it("believes the snapshot about who is online", () => {
    const online = run(opened(new ModelServer([])), { type: "presence", user: BOB.id, status: "online" });
    expect(online.users.get(BOB.id)!.status).toBe("online");
    const state = run(online, { type: "local.resumed", result: new ModelServer([]).resume(undefined) });
    expect(state.users.get(BOB.id)!.status).toBe("offline");
  });
});

it("another name and what somebody does arrive with user.changed, and presence is kept", () => {
  const before = opened(new ModelServer(posts(2)));
  const known = run(before, { type: "presence", user: 2, status: "online" });
  const doing = { emoji: "🍜", text: "lunch", until: null };
  const told = { ...known.users.get(2)!, name: "Robert", status: "unknown" as const, doing };
  const after = run(known, { type: "user.changed", user: told });
  expect(after.users.get(2)).toMatchObject({ name: "Robert", status: "online", doing });
  expect(room(after).timeline.messages.map(({ sender }) => sender.name)).toEqual(["Robert", "Robert"]);
  // A message names its sender without what they do.
  const met = run(
    after,
    posted(3, { sender: { id: 2, handle: "bob", name: "Robert", avatar: null, is_bot: false } }),
  );
  expect(met.users.get(2)?.doing).toEqual(doing);
  expect(run(met, { type: "user.changed", user: { ...told, doing: null } }).users.get(2)?.doing).toBeNull();
});

it("my own account follows what I did on another device", () => {
  const before = run(emptyState(ME), { type: "presence", user: ME.id, status: "online" });
  const after = run(before, { type: "me.changed", user: { ...ME, language: "ko", name: "Alicia" } });
  expect([after.me.language, after.me.name, after.users.get(ME.id)?.name]).toEqual([
    "ko",
    "Alicia",
    "Alicia",
  ]);
});
