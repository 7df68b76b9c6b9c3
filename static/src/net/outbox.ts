// What I wrote and the server has not stored: kept, sent in order per room under one id for ever, until it is
// stored or refused. Repeating is harmless, so whatever is uncertain is repeated.
import type { Input } from "../store/inputs";
import type { NewPoll, Pending, Quoted } from "../store/state";
import type { SentFile } from "../store/uploads";
import { type Clock, Deadlines } from "./clock";
import type { Elect, Tabs, Told } from "./election";
import type { ActionError } from "./error";
import type { Entry, OutboxStore } from "./outbox_store";

export const EXPIRES_MS = 7 * 86_400_000;
/** What failed and nobody looked at for so long is thrown away. */
export const FORGOTTEN_MS = 4 * EXPIRES_MS;
const ENTRIES_MAX_COUNT = 1_000;
const RETRY_LEAST_MS = 200;
const RETRY_MOST_MS = 30_000;
/** Within this all come again who waited for the server's database, each at a moment of its own. */
export const BACK_MS = 2_000;
/** What was not stored, or maybe not, because the database was away. */
const STORE_AWAY = new Set(["unavailable", "unknown_outcome"]);
/** How often the tab that was elected looks for what closed tabs left behind. */
export const SWEEP_MS = 5_000;
/** Younger ones are most likely being sent by the tab that wrote them. */
const LEFT_BEHIND_MS = 5_000;

const EXPIRED = { code: "expired", detail: "" };

export interface OutboxOptions {
  store: OutboxStore;
  clock: Clock;
  newId(): string;
  tab: string;
  send(entry: Entry): Promise<{ seq: number }>;
  dispatch(...inputs: Input[]): void;
  tabs: Tabs;
  /** Stand for the tab that sends what other tabs left behind, as long as the connection is up. */
  elect: Elect;
}

/** A room that waits before it sends again; what the server has asked for is waited whatever happens. */
interface Pause {
  notBefore: number;
  /** Whether it is over as soon as the server can store again. */
  isForStore: boolean;
  until: number;
  end(): void;
}

export class Outbox {
  private readonly entries = new Map<string, Entry>();
  /** Ids that this tab sends: its own, and when elected those that were left behind. */
  private readonly mine = new Set<string>();
  /** What is over: a look into the storage that began before must not bring it back. Oldest first. */
  private readonly over = new Set<string>();
  private readonly busy = new Set<number>();
  private readonly pauses = new Map<number, Pause>();
  private readonly deadlines: Deadlines;
  private isOpen = false;
  private stepDown: (() => void) | null = null;

  constructor(private readonly options: OutboxOptions) {
    this.deadlines = new Deadlines(options.clock);
    options.tabs.listen((told) => this.hear(told));
  }

  /** Show what an earlier page left, and send it once the connection is up. */
  async load(): Promise<void> {
    await this.adopt((entry) => entry.tab === this.options.tab);
    const now = this.options.clock.now();
    for (const entry of this.entries.values())
      if (entry.failed && now - entry.createdAt >= FORGOTTEN_MS) this.discard(entry.clientMessageId);
    if (this.isOpen) this.open();
  }

  post(
    room: number,
    body: string,
    parent: number | null,
    files: readonly SentFile[] = [],
    quote: Quoted | null = null,
    more: { alsoInRoom?: boolean; poll?: NewPoll } = {},
  ): string {
    const clientMessageId = this.options.newId();
    const createdAt = this.nextTime();
    const isFull = this.entries.size >= ENTRIES_MAX_COUNT;
    const { tab } = this.options;
    const failed = isFull ? { code: "too_many", detail: `${ENTRIES_MAX_COUNT}` } : null;
    const said = { clientMessageId, room, body, parent, files, quote, ...more };
    const entry: Entry = { ...said, createdAt, attempts: 0, tab, failed };
    this.mine.add(clientMessageId);
    this.keep(entry);
    this.flush(room);
    return clientMessageId;
  }

  /** Send a failed message again, as if it had just been written. */
  retry(clientMessageId: string): void {
    const entry = this.entries.get(clientMessageId);
    if (!entry?.failed) return;
    this.mine.add(clientMessageId);
    this.keep({ ...entry, failed: null, createdAt: this.nextTime() }, true);
    this.flush(entry.room);
  }

  discard(clientMessageId: string): void {
    this.forget(clientMessageId);
    this.options.dispatch({ type: "local.discarded", clientMessageId });
    this.options.tabs.tell({ id: clientMessageId });
  }

  /** The room shows this message: it is stored, whichever tab or attempt it was. */
  settled(clientMessageId: string, seq: number): void {
    if (!this.entries.has(clientMessageId)) return;
    this.forget(clientMessageId);
    this.options.tabs.tell({ id: clientMessageId, seq });
  }

  /** A file of a message is on the server: it need not be here any longer for the message to be sent. */
  uploaded(key: string, upload: number): void {
    for (const entry of this.entries.values()) {
      if (!entry.files?.some((file) => file.key === key && file.upload === null)) continue;
      const files = entry.files.map((file) => (file.key === key ? { ...file, upload } : file));
      this.entries.set(entry.clientMessageId, { ...entry, files });
      this.options.store.put({ ...entry, files }).catch(() => undefined);
    }
  }

  /** The connection is up. */
  open(): void {
    if (!this.isOpen) {
      this.isOpen = true;
      const stand = { isOver: false };
      const end = this.options.elect(() => !stand.isOver && this.sweep(0));
      this.stepDown = () => {
        stand.isOver = true;
        end();
      };
      const now = this.options.clock.now();
      for (const pause of [...this.pauses.values()]) if (pause.notBefore <= now) pause.end();
    }
    for (const room of new Set([...this.entries.values()].map((entry) => entry.room))) this.flush(room);
  }

  /** The connection is down: what is written waits. */
  close(): void {
    this.isOpen = false;
    this.stepDown?.();
    this.stepDown = null;
    this.deadlines.clear("sweep");
  }

  /** The server can store again, so nobody need wait longer for that; `random` is in [0, 1). */
  storeIsBack(random: number): void {
    const now = this.options.clock.now();
    const soon = Math.round(random * BACK_MS);
    for (const [room, pause] of this.pauses) {
      if (!pause.isForStore || pause.until <= now + soon) continue;
      pause.notBefore = pause.until = now + soon;
      this.deadlines.set(nameOf(room), soon, pause.end);
    }
  }

  private flush(room: number): void {
    if (this.busy.has(room)) return;
    this.busy.add(room);
    void this.drain(room).finally(() => {
      this.busy.delete(room);
      // Written in the moment between the last look and now.
      if (this.isOpen && this.first(room)) this.flush(room);
    });
  }

  private async drain(room: number): Promise<void> {
    while (this.isOpen) {
      const entry = this.first(room);
      if (!entry) return;
      if (this.hasExpired(entry)) {
        this.keep({ ...entry, failed: EXPIRED }, true);
        continue;
      }
      this.show(entry, "sending");
      try {
        const { seq } = await this.options.send(entry);
        this.forget(entry.clientMessageId);
        this.options.dispatch({ type: "local.stored", clientMessageId: entry.clientMessageId, seq });
        this.options.tabs.tell({ id: entry.clientMessageId, seq });
      } catch (error) {
        if (!(await this.survives(entry, error as ActionError))) return;
      }
    }
  }

  /** Decide what an error means; false when this room has to wait for another connection. */
  private async survives(sent: Entry, error: ActionError): Promise<boolean> {
    const entry = this.entries.get(sent.clientMessageId);
    if (!entry) return true; // discarded or shown meanwhile
    if (error.code === "network" || error.code === "signed_out") {
      this.show(entry, "waiting");
      // Without an answer on a connection that stands, the same is asked again.
      if (this.isOpen) await this.pause(entry.room, RETRY_LEAST_MS * 5, 0, false);
      return this.isOpen;
    }
    if (!error.retry) {
      this.keep({ ...entry, failed: { code: error.code, detail: error.detail } }, true);
      return true;
    }
    const attempts = entry.attempts + 1;
    this.keep({ ...entry, attempts });
    const leastMs = Math.min(RETRY_MOST_MS, RETRY_LEAST_MS * 2 ** Math.min(attempts - 1, 10));
    await this.pause(entry.room, leastMs, error.afterMs ?? 0, STORE_AWAY.has(error.code));
    return true;
  }

  private first(room: number): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.entries.values()) {
      if (entry.room !== room || entry.failed || !this.mine.has(entry.clientMessageId)) continue;
      if (!first || entry.createdAt < first.createdAt) first = entry;
    }
    return first;
  }

  /** Later than everything that waits, also when the clock was set back since: the order of writing stays. */
  private nextTime(): number {
    let last = 0;
    for (const { createdAt } of this.entries.values()) last = Math.max(last, createdAt);
    return Math.max(this.options.clock.now(), last + 1);
  }

  private pause(room: number, ms: number, askedMs: number, isForStore: boolean): Promise<void> {
    const now = this.options.clock.now();
    const wholeMs = Math.max(ms, askedMs);
    return new Promise((resolve) => {
      const end = (): void => {
        this.pauses.delete(room);
        this.deadlines.clear(nameOf(room));
        resolve();
      };
      this.pauses.set(room, { notBefore: now + askedMs, isForStore, until: now + wholeMs, end });
      this.deadlines.set(nameOf(room), wholeMs, end);
    });
  }

  private sweep(leastAgeMs: number): void {
    const now = this.options.clock.now();
    void this.adopt((entry) => now - entry.createdAt >= leastAgeMs)
      .then(() => this.isOpen && this.open())
      .finally(() => {
        if (this.isOpen) this.deadlines.set("sweep", SWEEP_MS, () => this.sweep(LEFT_BEHIND_MS));
      });
  }

  private async adopt(isMine: (entry: Entry) => boolean): Promise<void> {
    const kept = await this.options.store.all().catch(() => []);
    kept.sort((a, b) => a.createdAt - b.createdAt);
    for (const entry of kept) {
      if (!isMine(entry) || this.over.has(entry.clientMessageId)) continue;
      this.mine.add(entry.clientMessageId);
      if (this.entries.has(entry.clientMessageId)) continue;
      const failed = entry.failed ?? (this.hasExpired(entry) ? EXPIRED : null);
      this.entries.set(entry.clientMessageId, { ...entry, failed });
      this.show({ ...entry, failed }, "waiting");
    }
  }

  /** Another tab knows what became of something that is shown here too. */
  private hear(told: Told): void {
    if ("entry" in told) {
      if (!this.entries.has(told.entry.clientMessageId)) return;
      this.entries.set(told.entry.clientMessageId, told.entry);
      this.show(told.entry, "waiting");
      return;
    }
    const { id } = told;
    if (!this.entries.has(id)) return;
    this.drop(id);
    this.options.dispatch(
      "seq" in told
        ? { type: "local.stored", clientMessageId: id, seq: told.seq }
        : { type: "local.discarded", clientMessageId: id },
    );
  }

  private hasExpired(entry: Entry): boolean {
    return this.options.clock.now() - entry.createdAt >= EXPIRES_MS;
  }

  private keep(entry: Entry, isNews = false): void {
    this.entries.set(entry.clientMessageId, entry);
    this.show(entry, "waiting");
    if (isNews) this.options.tabs.tell({ entry });
    // Not awaited: a disk that is slow or full must not hold a message back.
    this.options.store.put(entry).catch(() => undefined);
  }

  private forget(clientMessageId: string): void {
    this.drop(clientMessageId);
    this.options.store.delete(clientMessageId).catch(() => undefined);
  }

  private drop(clientMessageId: string): void {
    this.entries.delete(clientMessageId);
    this.mine.delete(clientMessageId);
    this.over.add(clientMessageId);
    if (this.over.size > ENTRIES_MAX_COUNT) this.over.delete(this.over.values().next().value!);
  }

  private show(entry: Entry, status: "waiting" | "sending"): void {
    const {
      clientMessageId,
      room,
      body,
      parent,
      alsoInRoom = false,
      poll = null,
      files = [],
      quote = null,
      createdAt,
      failed,
    } = entry;
    const pending: Pending = {
      clientMessageId,
      room,
      body,
      parent,
      alsoInRoom,
      poll,
      files,
      quote,
      createdAt,
      status: failed ? "failed" : status,
      error: failed,
      storedSeq: null,
    };
    this.options.dispatch({ type: "local.pending", pending });
  }
}

function nameOf(room: number): string {
  return `room ${room}`;
}
