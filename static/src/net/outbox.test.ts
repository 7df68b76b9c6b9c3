import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import { always, bodies, browser, install, never, shown, tabOf } from "./browser";
import { newClientId } from "./client_id";
import { ActionError, unreachable } from "./error";
import { settled } from "./fakes";
import { BACK_MS, EXPIRES_MS, FORGOTTEN_MS, type Outbox, SWEEP_MS } from "./outbox";
import { memoryStore, openOutboxStore } from "./outbox_store";

let outbox: Outbox;

beforeEach(async () => {
  await install();
  outbox = tabOf("a", always);
  outbox.open();
});

describe("order", () => {
  it("sends the messages of a room one after the other", async () => {
    for (const body of ["one", "two", "three"]) outbox.post(12, body, null);
    await settled();
    expect(bodies()).toEqual(["one"]);
    await browser.calls[0]!.accept(1);
    await browser.calls[1]!.accept(2);
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
    await browser.calls[0]!.refuse(
      new ActionError("too_long", "body is 9,000 characters, at most 8,000", false),
    );
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
    await browser.calls[0]!.refuse(new ActionError("rate_limited", "", true, 800));
    await browser.clock.pass(799);
    expect(bodies()).toEqual(["one"]);
    await browser.clock.pass(1);
    expect(bodies()).toEqual(["one", "one"]);
  });
});

describe("repeating", () => {
  it("uses the same client_message_id for ever", async () => {
    outbox.post(12, "hi", null);
    for (const error of [new ActionError("unknown_outcome", "", true, 10), unreachable()]) {
      await settled();
      await browser.calls.at(-1)!.refuse(error);
      await browser.clock.pass(40_000);
    }
    outbox.close();
    outbox.open();
    expect(new Set(browser.calls.map((call) => call.entry.clientMessageId)).size).toBe(1);
    expect(browser.calls.length).toBeGreaterThan(2);
  });

  it("waits longer each time when the server is ill, up to a bound", async () => {
    outbox.post(12, "hi", null);
    await settled();
    const waits: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const from = browser.clock.now();
      const before = browser.calls.length;
      await browser.calls.at(-1)!.refuse(new ActionError("busy", "", true));
      while (browser.calls.length === before) await browser.clock.pass(100);
      waits.push(browser.clock.now() - from);
    }
    expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  });

  it("waits for the database no longer than until it is back, and for nothing else less", async () => {
    for (const room of [12, 13, 14]) outbox.post(room, `room ${room}`, null);
    await settled();
    await browser.calls[0]!.refuse(new ActionError("unavailable", "", true, 9_000));
    await browser.calls[1]!.refuse(new ActionError("unknown_outcome", "", true, 500));
    await browser.calls[2]!.refuse(new ActionError("rate_limited", "", true, 9_000));
    outbox.storeIsBack(0.5);
    await browser.clock.pass(499);
    expect(bodies()).toEqual(["room 12", "room 13", "room 14"]);
    await browser.clock.pass(1);
    expect(bodies().slice(3)).toEqual(["room 13"]);
    await browser.clock.pass(BACK_MS / 2 - 501);
    expect(bodies().slice(3)).toEqual(["room 13"]);
    await browser.clock.pass(1);
    expect(bodies().slice(3)).toEqual(["room 13", "room 12"]);
    await browser.clock.pass(7_999);
    expect(bodies().slice(3)).toEqual(["room 13", "room 12"]);
    await browser.clock.pass(1);
    expect(bodies().slice(3)).toEqual(["room 13", "room 12", "room 14"]);
  });

  it("waits for the next connection when this one breaks", async () => {
    const id = outbox.post(12, "hi", null);
    await settled();
    outbox.close();
    await browser.calls[0]!.refuse(unreachable());
    await browser.clock.pass(60_000);
    expect([browser.calls.length, shown(id)!.status]).toEqual([1, "waiting"]);
    outbox.open();
    await settled();
    expect(browser.calls.length).toBe(2);
  });

  it("sends a failed message again when the person says so, at the end of the row", async () => {
    const id = outbox.post(12, "hi", null);
    await settled();
    await browser.calls[0]!.refuse(new ActionError("muted", "", false));
    await browser.clock.pass(1_000);
    outbox.retry(id);
    await settled();
    expect([browser.calls.length, shown(id)!.status]).toEqual([2, "sending"]);
    await browser.calls[1]!.accept(5);
    expect(browser.inputs.at(-1)).toEqual({ type: "local.stored", clientMessageId: id, seq: 5 });
  });

  it("forgets what the person throws away", async () => {
    const id = outbox.post(12, "hi", null);
    await settled();
    await browser.calls[0]!.refuse(new ActionError("muted", "", false));
    outbox.discard(id);
    await settled();
    expect(await browser.store.all()).toEqual([]);
    expect(browser.inputs.at(-1)).toEqual({ type: "local.discarded", clientMessageId: id });
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
    await browser.calls[0]!.accept(1);
    expect(browser.calls.map(({ entry }) => [entry.clientMessageId, entry.parent])).toEqual([
      [one, null],
      [two, 7],
    ]);
    await browser.calls[1]!.accept(2);
    expect(await browser.store.all()).toEqual([]);
  });

  it("shows a failed message after a reload, with its reason", async () => {
    const id = outbox.post(12, "hi", null);
    await settled();
    await browser.calls[0]!.refuse(new ActionError("archived", "", false));
    browser.inputs = [];
    await tabOf("a", never).load();
    expect(shown(id)).toMatchObject({ status: "failed", error: { code: "archived" } });
  });

  it("leaves the messages of another tab to the one that is elected", async () => {
    outbox.close();
    outbox.post(12, "left behind", null);
    await settled();
    let win = (): void => undefined;
    const other = tabOf("b", (won) => {
      win = won;
      return () => undefined;
    });
    await other.load();
    other.open();
    await settled();
    expect(browser.calls).toEqual([]);
    win();
    await settled();
    expect(bodies()).toEqual(["left behind"]);
  });

  it("picks up what a tab left behind later", async () => {
    const elected = tabOf("b", always);
    await elected.load();
    elected.open();
    outbox.close();
    outbox.post(12, "left behind", null);
    await browser.clock.pass(5_000 + SWEEP_MS);
    expect(bodies()).toEqual(["left behind"]);
  });

  it("stops sending what the room shows already", async () => {
    outbox.close();
    const id = outbox.post(12, "hi", null);
    outbox.settled(id, 7);
    outbox.open();
    await settled();
    expect([browser.calls, await browser.store.all()]).toEqual([[], []]);
  });

  it("sends at once on a new connection what only waited for a better moment, not what was asked to wait", async () => {
    outbox.post(12, "busy", null);
    outbox.post(13, "asked to wait", null);
    await settled();
    for (let turn = 0; turn < 8; turn++) {
      await browser.calls
        .findLast(({ entry }) => entry.room === 12)!
        .refuse(new ActionError("busy", "", true));
      if (turn < 7) await browser.clock.pass(200 * 2 ** turn);
    }
    await browser.calls[1]!.refuse(new ActionError("rate_limited", "", true, 9_000));
    const count = browser.calls.length;
    outbox.close();
    outbox.open();
    await settled();
    expect(bodies().slice(count)).toEqual(["busy"]);
    await browser.clock.pass(9_000);
    expect(bodies().slice(count)).toEqual(["busy", "asked to wait"]);
  });

  it("throws away what failed and nobody looked at for 28 days", async () => {
    outbox.post(12, "no", null);
    await settled();
    await browser.calls[0]!.refuse(new ActionError("muted", "", false));
    outbox.close();
    await browser.clock.pass(FORGOTTEN_MS);
    await tabOf("a", never).load();
    await settled();
    expect(await browser.store.all()).toEqual([]);
  });

  it("gives up after 7 days, as failed", async () => {
    outbox.close();
    const id = outbox.post(12, "old", null);
    await settled();
    await browser.clock.pass(EXPIRES_MS);
    outbox.open();
    await settled();
    expect([browser.calls, shown(id)]).toMatchObject([[], { status: "failed", error: { code: "expired" } }]);
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
    browser.store = { all: full, put: full, delete: full };
    const box = tabOf("a", always);
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
    expect(newClientId()).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
  });
});

describe("files", () => {
  const file = { key: "key-1", name: "a.txt", type: "text/plain", bytes: 5, upload: null };

  it("of a message are kept with it, and where they have come to", async () => {
    outbox.close();
    const id = outbox.post(12, "", null, [file]);
    expect(shown(id)?.files).toEqual([file]);
    outbox.uploaded("key-1", 7);
    outbox.uploaded("key-2", 8);
    await settled();
    const again = tabOf("a", always);
    await again.load();
    again.open();
    await settled();
    expect(browser.calls.at(-1)!.entry.files).toEqual([{ ...file, upload: 7 }]);
  });

  it("are none in what an older page has left", async () => {
    await browser.store.put({
      clientMessageId: "of-old", room: 12, body: "hi", parent: null, createdAt: browser.clock.now(), attempts: 0, tab: "a",
      failed: null,
    }); // biome-ignore format: an entry is one thing
    await outbox.load();
    expect(shown("of-old")?.files).toEqual([]);
  });
});
