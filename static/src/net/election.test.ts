// The tabs of one browser share what is not sent yet: every message once, in order, whoever sends it.
import { beforeEach, describe, expect, it } from "vitest";
import { always, bodies, browser, install, shown, tabOf } from "./browser";
import { electWith } from "./election";
import { ActionError } from "./error";
import { settled } from "./fakes";
import type { Outbox } from "./outbox";
import type { Entry } from "./outbox_store";

let outbox: Outbox;

describe("two tabs of one browser", () => {
  let other: Outbox;

  beforeEach(async () => {
    await install();
    outbox = tabOf("a", always);
    other = tabOf("b", always);
    await other.load();
  });

  it("store once what both of them send", async () => {
    const id = outbox.post(12, "of a", null);
    await browser.clock.pass(5_000);
    other.open();
    outbox.open();
    await settled();
    expect(browser.calls.map(({ entry }) => entry.clientMessageId)).toEqual([id, id]);
    await browser.calls[0]!.accept(1);
    await browser.calls[1]!.accept(1);
    await browser.clock.pass(60_000);
    expect([browser.calls.length, await browser.store.all()]).toEqual([2, []]);
  });

  it("keep the order of one room, whichever of them sends", async () => {
    for (const body of ["one", "two", "three"]) outbox.post(12, body, null);
    await browser.clock.pass(5_000);
    other.open();
    await settled();
    await browser.calls[0]!.accept(1);
    outbox.open();
    await settled();
    expect(bodies()).toEqual(["one", "two", "two"]);
  });

  it("show what became of a message in both", async () => {
    const id = outbox.post(12, "no", null);
    await browser.clock.pass(5_000);
    other.open();
    await settled();
    await browser.calls[0]!.refuse(new ActionError("muted", "", false));
    browser.inputs = [];
    outbox.retry(id);
    expect(shown(id)).toMatchObject({ status: "waiting", error: null });
    outbox.discard(id);
    outbox.open();
    await browser.clock.pass(60_000);
    expect([browser.calls.length, await browser.store.all()]).toEqual([1, []]);
    expect(browser.inputs.filter(({ type }) => type === "local.discarded")).toHaveLength(2);
  });

  it("do not bring back what was stored while the storage was read", async () => {
    const id = outbox.post(12, "hi", null);
    await settled();
    const [entry] = await browser.store.all();
    let answer = (_: Entry[]): void => undefined;
    browser.store.all = () => new Promise((resolve) => (answer = resolve));
    outbox.open();
    outbox.settled(id, 1);
    answer([entry!]);
    await settled();
    expect([bodies(), shown(id)?.status]).toEqual([["hi"], "sending"]);
    expect(browser.inputs.findLastIndex(({ type }) => type === "local.pending")).toBe(1);
  });

  it("send what is written first although the clock was set back", async () => {
    outbox.post(12, "one", null);
    browser.clock.setBack(3_600_000);
    outbox.post(12, "two", null);
    outbox.open();
    await settled();
    await browser.calls[0]!.accept(1);
    expect(bodies()).toEqual(["one", "two"]);
  });
});

describe("the election", () => {
  it("elects everybody where there are no locks", () => {
    const won: string[] = [];
    electWith(undefined, 1)(() => won.push("a"));
    electWith(undefined, 1)(() => won.push("b"));
    expect(won).toEqual(["a", "b"]);
  });

  it("elects one tab at a time, and the next when it is not connected any more", async () => {
    const won: string[] = [];
    const waiting: (() => Promise<unknown>)[] = [];
    let isHeld = false;
    // As a browser does it: one holder a name, the others in a row, and a row can be left.
    const next = (): void => {
      const granted = isHeld ? undefined : waiting.shift();
      if (!granted) return;
      isHeld = true;
      void granted().then(() => {
        isHeld = false;
        next();
      });
    };
    const locks = {
      request: (_: string, { signal }: LockOptions, granted: () => Promise<unknown>) =>
        new Promise((resolve, reject) => {
          const turn = (): Promise<unknown> => granted().finally(() => resolve(undefined));
          waiting.push(turn);
          signal?.addEventListener("abort", () => {
            const at = waiting.indexOf(turn);
            if (at >= 0) waiting.splice(at, 1);
            reject(new DOMException("no more", "AbortError"));
          });
          next();
        }),
    } as unknown as LockManager;
    const elect = electWith(locks, 1);
    const [endA, endB] = [elect(() => won.push("a")), elect(() => won.push("b"))];
    elect(() => won.push("c"));
    endB();
    endA();
    await settled();
    expect(won).toEqual(["a", "c"]);
  });
});
