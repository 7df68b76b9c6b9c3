// The law of the store: whatever is lost, doubled or disordered, after reading again the page shows what is.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Change } from "../protocol";
import { apply, type Input } from "./apply";
import { type Deed, deed, ME, ModelServer, ROOM } from "./model_server";
import { emptyState, type State } from "./state";

const start = (server: ModelServer, known: State = emptyState(ME)): State => {
  const cursor = known.rooms.get(ROOM)?.cursor;
  let state = run(known, { type: "local.resumed", result: server.resume(cursor) });
  for (const change of cursor === undefined ? [] : server.after(cursor, 10_000)) state = run(state, change);
  return run(state, { type: "synced" });
};

const run = (state: State, ...inputs: Input[]): State =>
  inputs.reduce((before, input) => apply(before, input, 0), state);

/** Read what is missing, as net/ does, until nothing is. */
const catchUp = (state: State, server: ModelServer): State => {
  let next = state;
  for (;;) {
    const room = next.rooms.get(ROOM);
    if (!room || room.cursor >= server.lastSeq) break;
    next = run(next, ...server.after(room.cursor, 7));
  }
  if (next.ask.has(ROOM)) next = run(next, { type: "local.room", room: server.roomState() });
  return next;
};

const load = (state: State, server: ModelServer, which: "newest" | "before", limit: number): State => {
  const first = state.rooms.get(ROOM)!.timeline.messages[0];
  if (which === "before" && !first) return state;
  const anchor = which === "before" ? first!.seq : null;
  const page = server.page(which, anchor, limit);
  return run(state, { type: "local.loading", room: ROOM, which }, page);
};

/** What the screen can tell, without how it came there. */
const shown = (state: State) => {
  const room = state.rooms.get(ROOM)!;
  return { state: room.state, cursor: room.cursor, held: room.held.size, pending: state.pending };
};

const deeds = (max: number): fc.Arbitrary<Deed[]> => fc.array(deed, { maxLength: max });

/** Lose some, double some, let some overtake others. */
const shaken = fc.array(
  fc.record({ fate: fc.constantFrom("once", "once", "twice", "lost"), late: fc.nat({ max: 6 }) }),
  { minLength: 80, maxLength: 80 },
);

const shake = (changes: Change[], fates: { fate: string; late: number }[]): Change[] =>
  changes
    .flatMap((change, at) => {
      const { fate, late } = fates[at % fates.length]!;
      const one = { change, place: at + late };
      if (fate === "lost") return [];
      return fate === "twice" ? [one, { change, place: at + 2 * late + 1 }] : [one];
    })
    .sort((a, b) => a.place - b.place)
    .map((item) => item.change);

describe("the law of the store", () => {
  it("ends the same however frames are lost, doubled and disordered", () => {
    fc.assert(
      fc.property(deeds(20), deeds(60), shaken, (before, after, fates) => {
        const server = new ModelServer(before);
        const first = load(start(server), server, "newest", 50);
        const seq = server.lastSeq;
        server.doAll(after);
        const changes = server.after(seq, 10_000);
        const straight = catchUp(run(first, ...changes), server);
        const crooked = catchUp(run(first, ...shake(changes, fates)), server);
        expect(shown(crooked)).toEqual(shown(straight));
        expect(crooked.rooms.get(ROOM)!.timeline.messages).toEqual(
          straight.rooms.get(ROOM)!.timeline.messages,
        );
        expect(crooked.rooms.get(ROOM)!.held.size).toBe(0);
      }),
    );
  });

  it("shows the same by a snapshot and by an older snapshot with the changes since", () => {
    fc.assert(
      fc.property(deeds(30), deeds(40), (before, after) => {
        const server = new ModelServer(before);
        const old = load(start(server), server, "newest", 200);
        server.doAll(after);
        const back = catchUp(start(server, old), server);
        // Where the log begins later, or nothing is left of what was here, the room is read anew.
        const { loaded, stale } = back.rooms.get(ROOM)!.timeline;
        const replayed = loaded && !stale ? back : load(back, server, "newest", 200);
        const anew = load(start(server), server, "newest", 200);
        expect(shown(replayed)).toEqual(shown(anew));
        expect(replayed.rooms.get(ROOM)!.timeline.messages).toEqual(anew.rooms.get(ROOM)!.timeline.messages);
      }),
    );
  });

  it("counts unread and mentions as the server does, live or replayed or told anew", () => {
    fc.assert(
      fc.property(
        fc.array(deeds(12), { maxLength: 6 }),
        fc.infiniteStream(fc.boolean()),
        (rounds, isLive) => {
          const server = new ModelServer([]);
          let state = start(server);
          for (const round of rounds) {
            const seq = server.lastSeq;
            const reads = server.doAll(round);
            const told = reads.map((msgNo): Input => ({ type: "read", room: ROOM, msg_no: msgNo, backs: 0 }));
            // What has gone since is told live only to who was there.
            state =
              isLive.next().value && seq >= server.expiredSeq
                ? run(state, ...server.after(seq, 500), ...told)
                : start(server, state);
            state = catchUp(state, server);
            const { unread, mentions, last_msg_no, read_msg_no } = state.rooms.get(ROOM)!.state;
            const truth = server.roomState();
            expect({ unread, mentions, last_msg_no, read_msg_no }).toEqual({
              unread: truth.unread,
              mentions: truth.mentions,
              last_msg_no: truth.last_msg_no,
              read_msg_no: truth.read_msg_no,
            });
          }
        },
      ),
    );
  });

  it("holds a run without holes however pages and changes interleave", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("deeds" as const), deeds: deeds(8) }),
      fc.record({
        kind: fc.constant("newest" as const),
        limit: fc.integer({ min: 1, max: 9 }),
        during: deeds(4),
      }),
      fc.record({
        kind: fc.constant("before" as const),
        limit: fc.integer({ min: 1, max: 9 }),
        during: deeds(4),
      }),
      fc.record({ kind: fc.constant("around" as const), at: fc.nat({ max: 60 }), during: deeds(4) }),
      fc.record({
        kind: fc.constant("after" as const),
        limit: fc.integer({ min: 1, max: 9 }),
        during: deeds(4),
      }),
      fc.record({ kind: fc.constant("reset" as const), deeds: deeds(8) }),
    );
    fc.assert(
      fc.property(deeds(30), fc.array(step, { maxLength: 12 }), (before, steps) => {
        const server = new ModelServer(before);
        let state = start(server);
        for (const now of steps) {
          const { timeline, cursor } = state.rooms.get(ROOM)!;
          if (now.kind === "deeds") {
            server.doAll(now.deeds);
            state = run(state, ...server.after(cursor, 10_000));
          } else if (now.kind === "reset") {
            server.doAll(now.deeds);
            const result = { ...server.resume(undefined), reset: [ROOM] };
            state = run(state, { type: "local.resumed", result }, { type: "synced" });
          } else {
            const anchor =
              now.kind === "around"
                ? now.at
                : ((now.kind === "before" ? timeline.messages[0]?.seq : timeline.messages.at(-1)?.seq) ??
                  null);
            if (anchor === null && now.kind !== "newest") continue;
            if (timeline.stale && now.kind !== "newest") continue;
            state = run(state, { type: "local.loading", room: ROOM, which: now.kind });
            // The page is read, then more happens and arrives first: or it is read after what arrives before it.
            const early = server.page(
              now.kind,
              now.kind === "newest" ? null : anchor,
              "limit" in now ? now.limit : 6,
            );
            server.doAll(now.during);
            state = run(state, ...server.after(cursor, 10_000), early);
          }
          const { timeline: run_ } = state.rooms.get(ROOM)!;
          if (!run_.stale) expect(run_.messages).toEqual(server.run(run_.messages, run_.hasAfter));
          if (run_.loaded && !run_.hasAfter) expect(run_.messages.at(-1)?.seq).toBe(server.lastMessageSeq);
        }
      }),
    );
  });
});
