import { describe, expect, it } from "vitest";
import { opened, posted, posts, room, run, seqs } from "./cast";
import { ModelServer, ROOM } from "./model_server";
import type { State } from "./state";
import { AROUND_COUNT, SHOWN_MAX_COUNT } from "./timeline";

const COUNT = 1_000;

/** Read the room back until so many messages are here. */
function grown(server: ModelServer, count: number): State {
  let state = opened(server);
  while (seqs(state).length < count) {
    state = run(
      state,
      { type: "local.loading", room: ROOM, which: "before" },
      server.page("before", seqs(state)[0]!, 50),
    );
  }
  return state;
}

const look = (state: State, seq: number): State => run(state, { type: "local.looked", room: ROOM, seq });

describe("a long room", () => {
  const server = new ModelServer(posts(COUNT));

  it("keeps what is around of what is looked at and says that there is more on both sides", () => {
    const state = look(grown(server, SHOWN_MAX_COUNT + 100), 700);
    const { messages, hasBefore, hasAfter } = room(state).timeline;
    expect([messages[0]!.seq, messages.at(-1)!.seq]).toEqual([700 - AROUND_COUNT, 700 + AROUND_COUNT - 1]);
    expect([hasBefore, hasAfter]).toEqual([true, true]);
  });

  it("goes on following its end when that is looked at", () => {
    const state = run(look(grown(server, SHOWN_MAX_COUNT + 50), COUNT), posted(COUNT + 1));
    expect(room(state).timeline.hasAfter).toBe(false);
    expect(seqs(state).at(-1)).toBe(COUNT + 1);
    expect(seqs(state).length).toBeLessThan(SHOWN_MAX_COUNT);
  });

  it("has no hole when it is read on from where it was cut", () => {
    let state = look(grown(server, SHOWN_MAX_COUNT + 100), 700);
    while (room(state).timeline.hasAfter) {
      const after = seqs(state).at(-1)!;
      state = run(
        state,
        { type: "local.loading", room: ROOM, which: "after" },
        server.page("after", after, 50),
      );
    }
    const first = seqs(state)[0]!;
    expect(seqs(state)).toEqual(Array.from({ length: COUNT - first + 1 }, (_, at) => first + at));
  });

  it("is not cut while a page is on its way to one of its ends", () => {
    const whole = run(grown(server, SHOWN_MAX_COUNT + 50), {
      type: "local.loading",
      room: ROOM,
      which: "before",
    });
    expect(room(look(whole, 900)).timeline).toBe(room(whole).timeline);
  });

  it("stays as it is where little of it is here", () => {
    const state = opened(server);
    expect(room(look(state, COUNT)).timeline).toBe(room(state).timeline);
  });
});
