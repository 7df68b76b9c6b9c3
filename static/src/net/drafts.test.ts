// What I write on several devices: the last wins, nobody is overwritten while typing, and what was sent is gone everywhere.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Draft, ServerFrame } from "../protocol";
import { type DraftTexts, drafted, drafts } from "../store/drafts";
import { ME, ROOM } from "../store/model_server";
import { type DraftStore, Drafts } from "./drafts";
import { FakeClock } from "./fakes";
import { Stage } from "./stage";

const PLACE = String(ROOM);

function memory(held: Record<string, string> = {}): DraftStore & { held: Map<string, string> } {
  const map = new Map(Object.entries(held));
  return {
    held: map,
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
    key: (index) => [...map.keys()][index] ?? null,
    get length() {
      return map.size;
    },
  };
}

let stage: Stage;
let store: ReturnType<typeof memory>;

beforeEach(() => {
  store = memory();
  stage = new Stage();
  stage.draftStore = store;
});

afterEach(() => vi.unstubAllGlobals());

const text = (place = PLACE): string | undefined => drafts.value.get(place)?.text;
const told = () => stage.draftsTold.map(({ body }) => body);
/** The fake server's clock says the beginning of 2026 at the first hello. */
const at = (minutes: number): string => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000).toISOString();
const theirs = (body: string, minutes: number, parent: number | null = null): Draft => ({
  room: ROOM,
  parent,
  body,
  written_at: at(minutes),
});
const begin = async (): Promise<void> => {
  await stage.greetAndResume();
  await stage.clock.pass(1_000);
};

it("what an earlier page has left untold is gone when it was sent elsewhere just after", async () => {
  const left = { text: "hello", at: Date.parse(at(0)) - 2_000, isTold: false };
  stage = new Stage(memory({ [`maru.draft.${ME.id}.${PLACE}`]: JSON.stringify(left) }));
  await stage.greetAndResume();
  stage.wire().says({ type: "draft.changed", draft: { ...theirs("", 0), written_at: at(0) } });
  await stage.clock.pass(2_000);
  expect([text(), told()]).toEqual([undefined, []]);
});

it("the server's clock is read from when its first word came, not from when it was told", () => {
  const clock = new FakeClock();
  const now = clock.now();
  const lateMs = 600;
  let held: DraftTexts = new Map();
  const drafts = new Drafts({
    api: {} as never,
    clock,
    user: ME.id,
    helloLateMs: () => lateMs,
    store: () => null,
    get: () => held,
    set: (next) => {
      held = next;
    },
  });
  const server_time = new Date(now - lateMs).toISOString();
  drafts.hear([{ type: "hello", server_time } as ServerFrame], ME.id);
  drafts.write(PLACE, "hello");
  expect(held.get(PLACE)?.at).toBe(now);
});

describe("what I type", () => {
  it("is told once I pause, and not with each key", async () => {
    await begin();
    for (const end of [1, 2, 3]) stage.actions.keepDraft(PLACE, "hey".slice(0, end));
    await stage.clock.pass(1_000);
    expect(told()).toEqual([]);
    await stage.clock.pass(1_000);
    expect(told()).toEqual(["hey"]);
    expect([...drafted.value]).toEqual([PLACE]);
  });

  it("for long without a pause is told now and then", async () => {
    await begin();
    for (let key = 0; key < 20; key++) {
      stage.actions.keepDraft(PLACE, "x".repeat(key + 1));
      await stage.clock.pass(500);
    }
    expect(told().length).toBe(1);
  });

  it("stays here without a connection, over a reload, and is told by the next one", async () => {
    stage.actions.keepDraft(PLACE, "offline");
    expect([...store.held.values()].map((kept) => JSON.parse(kept).text)).toEqual(["offline"]);
    await begin();
    expect(told()).toEqual(["offline"]);
  });

  it("that the server does not take stays here and is not told again and again", async () => {
    stage.answerDraft = () => Response.json({ error: { code: "too_many", detail: "" } }, { status: 409 });
    await begin();
    stage.actions.keepDraft(PLACE, "one too many");
    await stage.clock.pass(60_000);
    expect([told().length, text()]).toEqual([1, "one too many"]);
  });

  it("that could not be told is told again", async () => {
    await begin();
    const { answerDraft } = stage;
    stage.answerDraft = () =>
      Response.json({ error: { code: "busy", detail: "", retry: true, after_ms: 100 } }, { status: 503 });
    stage.actions.keepDraft(PLACE, "hey");
    await stage.clock.pass(2_000);
    stage.answerDraft = answerDraft;
    await stage.clock.pass(5_000);
    expect([new Set(told()), drafts.value.get(PLACE)?.isTold]).toEqual([new Set(["hey"]), true]);
  });
});

describe("what another device writes", () => {
  it("is shown here", async () => {
    await begin();
    stage.wire().says({ type: "draft.changed", draft: theirs("from the phone", 5) });
    expect(text()).toBe("from the phone");
    stage.wire().says({ type: "draft.changed", draft: theirs("", 6) });
    expect(text()).toBeUndefined();
    expect(store.held.size).toBe(0);
  });

  it("never takes the place of what I am typing; mine is told as the later one", async () => {
    await begin();
    stage.actions.keepDraft(PLACE, "I type here");
    stage.wire().says({ type: "draft.changed", draft: theirs("from the phone", 5) });
    expect(text()).toBe("I type here");
    await stage.clock.pass(2_000);
    expect(stage.draftsTold.at(-1)).toMatchObject({ body: "I type here" });
    expect(String(stage.draftsTold.at(-1)?.written_at) > at(5)).toBe(true);
  });

  it("before what I wrote does not count", async () => {
    await begin();
    stage.actions.keepDraft(PLACE, "newer");
    await stage.clock.pass(2_000);
    stage.wire().says({ type: "draft.changed", draft: theirs("older", -5) });
    expect(text()).toBe("newer");
  });

  it("while I was away is read after each connection", async () => {
    stage.draftsKept = [theirs("one", 1), theirs("in a thread", 2, 77)];
    await begin();
    expect([text(), text(`${PLACE}.77`)]).toEqual(["one", "in a thread"]);
    stage.wire().breaks();
    await stage.clock.pass(2_000);
    stage.draftsKept = [theirs("in a thread", 2, 77)];
    await begin();
    // Sent elsewhere meanwhile.
    expect([...drafted.value]).toEqual([`${PLACE}.77`]);
  });
});

describe("what was sent", () => {
  it("is told to be gone at once", async () => {
    await begin();
    stage.actions.keepDraft(PLACE, "hey");
    await stage.clock.pass(2_000);
    stage.actions.keepDraft(PLACE, "");
    await stage.clock.pass(10);
    expect([told(), text(), store.held.size]).toEqual([["hey", ""], undefined, 0]);
  });

  it("on a device that could not say so goes when the message comes", async () => {
    stage.draftsKept = [theirs("hey", 1)];
    await begin();
    const change = stage.server.after(19, 1)[0] as { message: object };
    const message = { ...change.message, seq: 21, body: "hey", sender: { ...ME }, parent: null };
    stage.wire().says({ ...change, seq: 21, message });
    await stage.clock.pass(10);
    expect([text(), told()]).toEqual([undefined, [""]]);
  });
});

it("takes up what an older page has left", async () => {
  const held = memory({
    [`maru.draft.${ME.id}.${ROOM}`]: "plain text",
    [`maru.draft.${ME.id}.x`]: "no place",
  });
  vi.unstubAllGlobals();
  stage = new Stage(held);
  expect([text(), drafts.value.size]).toEqual(["plain text", 1]);
  await begin();
  expect(told()).toEqual(["plain text"]);
});
