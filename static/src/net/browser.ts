// Test only: one browser with its tabs: what they keep, what they tell each other, and what they ask of the server.
import { IDBFactory } from "fake-indexeddb";
import type { Input } from "../store/inputs";
import type { Pending } from "../store/state";
import type { Elect, Tabs, Told } from "./election";
import type { ActionError } from "./error";
import { FakeClock, settled } from "./fakes";
import { Outbox } from "./outbox";
import { type Entry, memoryStore, openOutboxStore } from "./outbox_store";

interface Call {
  entry: Entry;
  accept(seq: number): Promise<void>;
  refuse(error: ActionError): Promise<void>;
}

export const browser = {
  clock: new FakeClock(),
  store: memoryStore(),
  inputs: [] as Input[],
  calls: [] as Call[],
  number: 0,
};

const ears = new Map<string, (told: Told) => void>();

/** Begin with an empty browser. */
export async function install(): Promise<void> {
  ears.clear();
  const store = await openOutboxStore(1, new IDBFactory());
  Object.assign(browser, { clock: new FakeClock(), store, inputs: [], calls: [], number: 0 });
}

export const always: Elect = (won) => {
  won();
  return () => undefined;
};
export const never: Elect = () => () => undefined;

const tabsFor = (tab: string): Tabs => ({
  tell: (told) => {
    for (const [name, hear] of ears) if (name !== tab) hear(structuredClone(told));
  },
  listen: (hear) => ears.set(tab, hear),
});

/** Open a tab; what it sends waits in `browser.calls` for an answer. */
export function tabOf(tab: string, elect: Elect): Outbox {
  return new Outbox({
    store: browser.store,
    clock: browser.clock,
    tab,
    elect,
    tabs: tabsFor(tab),
    newId: () => `message-${++browser.number}`,
    dispatch: (...now) => browser.inputs.push(...now),
    send: (entry) =>
      new Promise((resolve, reject) =>
        browser.calls.push({
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
}

/** What was sent, in order. */
export function bodies(): string[] {
  return browser.calls.map((call) => call.entry.body);
}

/** How a message of mine was shown last. */
export function shown(id: string): Pending | undefined {
  return browser.inputs
    .filter((input) => input.type === "local.pending")
    .map((input) => input.pending)
    .findLast((pending) => pending.clientMessageId === id);
}
