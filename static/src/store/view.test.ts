import { describe, expect, it } from "vitest";
import type { Change, Message } from "../protocol";
import { apply, type Input, TYPING_EXPIRES_MS } from "./apply";
import { opened, posted, posts, room, run, seqs, waiting } from "./cast";
import { BOB, ME, ModelServer, ROOM } from "./model_server";
import type { State } from "./state";
import { KEPT_COUNT } from "./timeline";

describe("pages", () => {
  it("that answer an old question are dropped", () => {
    const server = new ModelServer(posts(200));
    const before = opened(server);
    const late = server.page("before", 120, 10);
    const state = run(before, { type: "local.loading", room: ROOM, which: "before" }, late);
    expect([seqs(state)[0], room(state).timeline.loading]).toEqual([151, "no"]);
    const unasked = run(before, server.page("before", 151, 10));
    expect(unasked.rooms.get(ROOM)!.timeline.messages).toHaveLength(50);
  });

  it("keep the live messages out while the end of the room is not loaded", () => {
    const server = new ModelServer(posts(200));
    const middle = run(
      opened(server),
      { type: "local.loading", room: ROOM, which: "around" },
      server.page("around", 100, 10),
    );
    const state = run(middle, posted(201));
    expect([seqs(state).at(-1), room(state).state.unread]).toEqual([104, 201]);
  });

  it("that failed are said to have failed", () => {
    const loading: Input = { type: "local.loading", room: ROOM, which: "before" };
    const state = run(opened(new ModelServer(posts(3))), loading, { type: "local.load_failed", room: ROOM });
    expect(room(state).timeline).toMatchObject({ loading: "no", failed: true });
    expect(room(run(state, loading)).timeline.failed).toBe(false);
  });
});

describe("reading", () => {
  it("never goes backwards", () => {
    const state = run(
      opened(new ModelServer(posts(9))),
      { type: "read", room: ROOM, msg_no: 7, backs: 0 },
      { type: "read", room: ROOM, msg_no: 2, backs: 0 },
    );
    expect(room(state).state).toMatchObject({ read_msg_no: 7, unread: 2 });
  });

  it("draws the line of new messages where I stopped, until I leave", () => {
    const server = new ModelServer([...posts(9), { kind: "read", pick: 4 }]);
    const state = opened(server);
    expect(room(state).newLineAfter).toBe(4);
    const read = run(state, { type: "local.read", room: ROOM, msgNo: 9 });
    expect(room(read).newLineAfter).toBe(4);
    expect(room(run(read, { type: "local.entered", room: null })).newLineAfter).toBeNull();
  });

  it("draws the line when something comes while the page is not looked at", () => {
    const read = run(
      opened(new ModelServer(posts(3))),
      { type: "local.read", room: ROOM, msgNo: 3 },
      { type: "local.entered", room: null },
      { type: "local.entered", room: ROOM },
    );
    expect(room(run(read, posted(4))).newLineAfter).toBeNull();
    const state = run(read, { type: "local.hidden", hidden: true }, posted(4), posted(5));
    expect(room(state).newLineAfter).toBe(3);
  });

  it("counts a mention, and not my own, not a deleted one, not one that I have read", () => {
    const server = new ModelServer([...posts(1), { kind: "read", pick: 1 }]);
    const named = run(opened(server), posted(2, { mentions: [ME.id] }), posted(3, { mentions: [2] }));
    expect(room(named).state.mentions).toBe(1);
    const gone = {
      ...posted(2, { mentions: [], deleted_at: "t" }),
      type: "message.deleted",
      seq: 4,
    } as Change;
    expect(room(run(named, gone)).state.mentions).toBe(0);
    expect(room(run(named, { type: "read", room: ROOM, msg_no: 2, backs: 0 })).state).toMatchObject({
      mentions: 0,
      unread: 1,
    });
  });
});

describe("typing", () => {
  const types = { type: "typing", room: ROOM, user: BOB.id, is_typing: true } as const;

  it("ends by a word, by a message, and by silence", () => {
    const state = run(opened(new ModelServer(posts(3))), types);
    expect([...room(state).typing.keys()]).toEqual([BOB.id]);
    expect(room(run(state, { ...types, is_typing: false })).typing.size).toBe(0);
    expect(room(run(state, posted(4))).typing.size).toBe(0);
    expect(room(apply(state, { type: "local.tick" }, TYPING_EXPIRES_MS - 1)).typing.size).toBe(1);
    expect(room(apply(state, { type: "local.tick" }, TYPING_EXPIRES_MS)).typing.size).toBe(0);
  });

  it("is not told about myself", () => {
    expect(room(run(opened(new ModelServer([])), { ...types, user: ME.id })).typing.size).toBe(0);
  });
});

describe("threads", () => {
  it("follow what is written, edited and deleted in them", () => {
    const server = new ModelServer(posts(1));
    const root = server.page("newest", null, 1).items[0]!;
    let state = run(opened(server), {
      type: "local.thread",
      thread: { root: root.id, room: ROOM, first: root, replies: [], loading: false, failed: false },
    });
    const deeds = [
      { kind: "reply", by: 1, pick: 0 },
      { kind: "reply", by: 2, pick: 0 },
      { kind: "edit", pick: 1, names: false },
    ] as const;
    server.doAll([...deeds]);
    state = run(state, ...server.after(1, 10));
    expect(state.thread!.replies.map(({ body }) => body)).toEqual(["message 2!", "message 3"]);
    expect(room(state).timeline.messages[0]!.reply_count).toBe(2);
    expect(room(state).state.unread).toBe(1);
  });
});

describe("size", () => {
  it("a room that nobody looks at keeps a bounded run of messages", () => {
    const server = new ModelServer(posts(1));
    const away = run(opened(server), { type: "local.entered", room: null });
    server.doAll(posts(3 * KEPT_COUNT));
    const state = run(away, ...server.after(1, 10_000));
    const { messages, hasBefore } = room(state).timeline;
    expect([messages.length < 2 * KEPT_COUNT, messages.at(-1)!.seq, hasBefore]).toEqual([
      true,
      3 * KEPT_COUNT + 1,
      true,
    ]);
  });

  it("10,000 messages in view take a change in well under a frame", () => {
    const message = (posted(1) as { message: Message }).message;
    const messages = Array.from({ length: 10_000 }, (_, at) => ({
      ...message,
      id: at + 1,
      seq: at + 1,
      msg_no: at + 1,
    }));
    const before = opened(new ModelServer(posts(1)));
    const full: State = run(
      { ...before, rooms: new Map([[ROOM, { ...room(before), cursor: 10_000, countedTo: 10_000 }]]) },
      { type: "local.loading", room: ROOM, which: "around" },
      {
        type: "local.page",
        room: ROOM,
        which: "around",
        anchor: 1,
        items: messages,
        hasBefore: false,
        hasAfter: false,
      },
    );
    const changes = Array.from({ length: 500 }, (_, at): Change => {
      const seq = 10_001 + at;
      const edit = { ...messages[(at * 17) % 10_000]!, body: "edited" };
      const post = { ...message, id: seq, seq, msg_no: seq };
      return {
        type: at % 2 ? "message.edited" : "message.posted",
        room: ROOM,
        seq,
        at: "",
        message: at % 2 ? edit : post,
      };
    });
    const from = performance.now();
    const state = run(full, ...changes);
    const eachMs = (performance.now() - from) / changes.length;
    expect([room(state).cursor, room(state).timeline.messages.length]).toEqual([10_500, 10_250]);
    expect(eachMs).toBeLessThan(4);
  });
});

describe("a message of mine that is stored and still tried again", () => {
  const mine = { sender: ME, client_message_id: "message-1" };

  it("is not shown beside itself", () => {
    const there = run(opened(new ModelServer(posts(3))), posted(4, mine));
    const tried = run(there, { type: "local.pending", pending: waiting("message-1") });
    expect([tried.pending, seqs(tried)]).toEqual([[], [1, 2, 3, 4]]);
    const other = run(there, { type: "local.pending", pending: waiting("message-2") });
    expect(other.pending).toHaveLength(1);
  });

  it("is not taken for somebody else's with the same id", () => {
    const there = run(opened(new ModelServer(posts(3))), posted(4, { ...mine, sender: BOB }));
    expect(run(there, { type: "local.pending", pending: waiting("message-1") }).pending).toHaveLength(1);
  });

  it("leaves the thread as well as soon as the thread shows it", () => {
    const reply = { ...room(opened(new ModelServer(posts(1)))).timeline.messages[0]!, ...mine, parent: 7 };
    const state = run(
      opened(new ModelServer(posts(3))),
      { type: "local.pending", pending: { ...waiting("message-1"), parent: 7 } },
      {
        type: "local.thread",
        thread: { root: 7, room: ROOM, first: null, replies: [reply], loading: false, failed: false },
      },
    );
    expect(state.pending).toEqual([]);
    const tried = run(state, { type: "local.pending", pending: { ...waiting("message-1"), parent: 7 } });
    expect(tried.pending).toEqual([]);
  });
});

describe("what the server does without", () => {
  const hello = (degraded?: unknown): Input =>
    ({ type: "hello", user: ME, ...(degraded === undefined ? {} : { degraded }) }) as unknown as Input;
  const told = (parts: unknown): Input => ({ type: "degraded", parts }) as unknown as Input;
  const state = opened(new ModelServer(posts(1)));

  it("is what it said last", () => {
    expect(run(state, hello(["db"])).degraded).toEqual(["db"]);
    expect(run(state, hello(["db"]), told(["redis"])).degraded).toEqual(["redis"]);
    expect(run(state, hello(["db"]), told([])).degraded).toEqual([]);
    expect(run(state, hello(["db"]), hello()).degraded).toEqual([]);
  });

  it.each([null, 7, "db", {}, [1, null]])("is nothing when it says %j", (parts) => {
    expect(run(state, hello(parts)).degraded).toEqual([]);
    expect(run(state, hello(["db"]), told(parts)).degraded).toEqual([]);
  });

  it("is not known any more without a connection", () => {
    const link = { kind: "reconnecting", attempt: 1, retryAt: 0, code: 1006 } as const;
    expect(run(state, hello(["db"]), { type: "local.link", link }).degraded).toEqual([]);
  });

  it("goes on while the browser only believes that the network is gone", () => {
    const back = run(
      state,
      hello(["db"]),
      { type: "synced" },
      { type: "local.link", link: { kind: "offline" } },
      { type: "local.link", link: { kind: "online" } },
    );
    expect([back.degraded, back.link]).toEqual([["db"], { kind: "online" }]);
  });

  it("does not call a wire that holds online before everything is here", () => {
    const back = run(state, hello(), { type: "local.link", link: { kind: "online" } });
    expect(back.link).toEqual({ kind: "catching_up", missing: 0 });
  });
});
