import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import type { Input } from "../store/inputs";
import type { Pending } from "../store/state";
import { ActionError, unreachable } from "./error";
import { FakeClock, settled } from "./fakes";
import { EXPIRES_MS, elect, newClientMessageId, Outbox } from "./outbox";
import { type Entry, memoryStore, type OutboxStore, openOutboxStore } from "./outbox_store";

interface Call {
  entry: Entry;
  accept(seq: number): Promise<void>;
  refuse(error: ActionError): Promise<void>;
}

let clock: FakeClock;
let store: OutboxStore;
let inputs: Input[];
let calls: Call[];
let number: number;

const tabOf = (tab: string, elected: Promise<void>): Outbox =>
  new Outbox({
    store,
    clock,
    tab,
    elected,
    newId: () => `message-${++number}`,
    dispatch: (...now) => inputs.push(...now),
    send: (entry) =>
      new Promise((resolve, reject) =>
        calls.push({
          entry,
          accept: (seq) => {
            resolve({ seq });
            return settled();
          },
          refuse: (error) => {
            reject(error);
            return settled();
          },
        }),
      ),
  });

const never = new Promise<void>(() => undefined);
const bodies = (): string[] => calls.map((call) => call.entry.body);
const shown = (id: string): Pending | undefined =>
  inputs
    .filter((input) => input.type === "local.pending")
    .map((input) => input.pending)
    .findLast((pending) => pending.clientMessageId === id);

let outbox: Outbox;

beforeEach(async () => {
  clock = new FakeClock();
  store = await openOutboxStore(1, new IDBFactory());
  [inputs, calls, number] = [[], [], 0];
  outbox = tabOf("a", Promise.resolve());
  outbox.open();
});

describe("order", () => {
  it("sends the messages of a room one after the other", async () => {
    for (const body of ["one", "two", "three"]) outbox.post(12, body, null);
    await settled();
    expect(bodies()).toEqual(["one"]);
    await calls[0]!.accept(1);
    await calls[1]!.accept(2);
    expect(bodies()).toEqual(["one", "two", "three"]);
  });

  it("does not let one room wait for another", async () => {
    outbox.post(12, "here", null);
    outbox.post(13, "there", null);
    await settled();
    expect(bodies()).toEqual(["here", "there"]);
  });

  it("goes on behind a message that was refused for good", async () => {
    const first = outbox.post(12, "too long", null);
    outbox.post(12, "short", null);
    await settled();
    await calls[0]!.refuse(new ActionError("too_long", "body is 9,000 characters, at most 8,000", false));
    expect(bodies()).toEqual(["too long", "short"]);
    expect(shown(first)).toMatchObject({
      status: "failed",
      error: { code: "too_long", detail: "body is 9,000 characters, at most 8,000" },
    });
  });

  it("does not let a later message overtake one that is to be repeated", async () => {
    outbox.post(12, "one", null);
    outbox.post(12, "two", null);
    await settled();
    await calls[0]!.refuse(new ActionError("rate_limited", "", true, 800));
    await clock.pass(799);
    expect(bodies()).toEqual(["one"]);
    await clock.pass(1);
    expect(bodies()).toEqual(["one", "one"]);
  });
});

describe("repeating", () => {
  it("uses the same client_message_id for ever", async () => {
    outbox.post(12, "hi", null);
    for (const error of [new ActionError("unknown_outcome", "", true, 10), unreachable()]) {
      await settled();
      await calls.at(-1)!.refuse(error);
      await clock.pass(40_000);
    }
    outbox.close();
    outbox.open();
    expect(new Set(calls.map((call) => call.entry.clientMessageId)).size).toBe(1);
    expect(calls.length).toBeGreaterThan(2);
  });

  it("waits longer each time when the server is ill, up to a bound", async () => {
    outbox.post(12, "hi", null);
    await settled();
    const waits: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const from = clock.now();
      const before = calls.length;
      await calls.at(-1)!.refuse(new ActionError("busy", "", true));
      while (calls.length === before) await clock.pass(100);
      waits.push(clock.now() - from);
    }
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  });

  it("waits for the next connection when this one breaks", async () => {
    const id = outbox.post(12, "hi", null);
    await settled();
    outbox.close();
    await calls[0]!.refuse(unreachable());
    await clock.pass(60_000);
    expect([calls.length, shown(id)!.status]).toEqual([1, "waiting"]);
    outbox.open();
    await settled();
    expect(calls.length).toBe(2);
  });

  it("sends a failed message again when the person says so, at the end of the row", async () => {
    const id = outbox.post(12, "hi", null);
    await settled();
    await calls[0]!.refuse(new ActionError("muted", "", false));
    await clock.pass(1_000);
    outbox.retry(id);
    await settled();
    expect([calls.length, shown(id)!.status]).toEqual([2, "sending"]);
    await calls[1]!.accept(5);
    expect(inputs.at(-1)).toEqual({ type: "local.stored", clientMessageId: id, seq: 5 });
  });

  it("forgets what the person throws away", async () => {
    const id = outbox.post(12, "hi", null);
    await settled();
    await calls[0]!.refuse(new ActionError("muted", "", false));
    outbox.discard(id);
    await settled();
    expect(await store.all()).toEqual([]);
    expect(inputs.at(-1)).toEqual({ type: "local.discarded", clientMessageId: id });
  });
});

describe("another page", () => {
  it("sends after a reload what the page before could not", async () => {
    outbox.close();
    const [one, two] = [outbox.post(12, "one", null), outbox.post(12, "two", 7)];
    await settled();
    const reloaded = tabOf("a", never);
    await reloaded.load();
    reloaded.open();
    await settled();
    await calls[0]!.accept(1);
    expect(calls.map(({ entry }) => [entry.clientMessageId, entry.parent])).toEqual([
      [one, null],
      [two, 7],
    ]);
    await calls[1]!.accept(2);
    expect(await store.all()).toEqual([]);
  });

  it("shows a failed message after a reload, with its reason", async () => {
    const id = outbox.post(12, "hi", null);
    await settled();
    await calls[0]!.refuse(new ActionError("archived", "", false));
    inputs = [];
    await tabOf("a", never).load();
    expect(shown(id)).toMatchObject({ status: "failed", error: { code: "archived" } });
  });

  it("leaves the messages of another tab to the one that is elected", async () => {
    outbox.close();
    outbox.post(12, "left behind", null);
    await settled();
    let win = (): void => undefined;
    const other = tabOf("b", new Promise((resolve) => (win = resolve)));
    await other.load();
    other.open();
    await settled();
    expect(calls).toEqual([]);
    win();
    await settled();
    expect(bodies()).toEqual(["left behind"]);
  });

  it("picks up what a tab left behind later", async () => {
    const elected = tabOf("b", Promise.resolve());
    await elected.load();
    elected.open();
    outbox.close();
    outbox.post(12, "left behind", null);
    await clock.pass(15_000);
    expect(bodies()).toEqual(["left behind"]);
  });

  it("stops sending what the room shows already", async () => {
    outbox.close();
    const id = outbox.post(12, "hi", null);
    outbox.settled(id);
    outbox.open();
    await settled();
    expect([calls, await store.all()]).toEqual([[], []]);
  });

  it("gives up after 7 days, as failed", async () => {
    outbox.close();
    const id = outbox.post(12, "old", null);
    await settled();
    await clock.pass(EXPIRES_MS);
    outbox.open();
    await settled();
    expect([calls, shown(id)]).toMatchObject([[], { status: "failed", error: { code: "expired" } }]);
  });
});

describe("storage", () => {
  it("keeps the outboxes of two users of one browser apart", async () => {
    const factory = new IDBFactory();
    const [one, two] = [await openOutboxStore(1, factory), await openOutboxStore(2, factory)];
    await one.put({
      clientMessageId: "m",
      room: 1,
      body: "",
      parent: null,
      createdAt: 0,
      attempts: 0,
      tab: "",
      failed: null,
    });
    expect(await two.all()).toEqual([]);
    expect(await one.all()).toHaveLength(1);
  });

  it("is memory where a browser forbids it", async () => {
    const forbidding = {
      open: () => {
        throw new DOMException("no", "SecurityError");
      },
    } as unknown as IDBFactory;
    for (const kept of [
      await openOutboxStore(1, forbidding),
      await openOutboxStore(1, undefined),
      memoryStore(),
    ]) {
      await kept.put({
        clientMessageId: "m",
        room: 1,
        body: "",
        parent: null,
        createdAt: 0,
        attempts: 0,
        tab: "",
        failed: null,
      });
      expect((await kept.all()).map((entry) => entry.clientMessageId)).toEqual(["m"]);
      await kept.delete("m");
      expect(await kept.all()).toEqual([]);
    }
  });

  it("sends although nothing can be kept", async () => {
    const full = async (): Promise<never> => {
      throw new DOMException("full", "QuotaExceededError");
    };
    store = { all: full, put: full, delete: full };
    const box = tabOf("a", Promise.resolve());
    await box.load();
    box.open();
    box.post(12, "hi", null);
    await settled();
    expect(bodies()).toEqual(["hi"]);
  });

  it("has a bound", async () => {
    outbox.close();
    for (let turn = 0; turn < 1_000; turn++) outbox.post(12, "hi", null);
    const id = outbox.post(12, "one more", null);
    expect(shown(id)).toMatchObject({ status: "failed", error: { code: "too_many" } });
  });
});

describe("ids and election", () => {
  it("makes ids that the server takes", () => {
    expect(newClientMessageId()).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
  });

  it("elects everybody where there are no locks", async () => {
    await expect(elect(undefined, 1)).resolves.toBeUndefined();
  });
});
