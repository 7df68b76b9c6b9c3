// Reads what I have put off: after each new connection, and again when the server says that it is another.
import type { Reminder, ServerFrame } from "../protocol";
import type { Input } from "../store/inputs";
import type { LaterList, Scheduled } from "../store/later";
import type { Api } from "./api";
import { type Clock, Deadlines } from "./clock";

/** Several changes in a row are read together. */
const SOON_MS = 200;
const AGAIN_MS = 20_000;

export interface LaterOptions {
  api: Pick<Api, "all" | "get">;
  clock: Clock;
  dispatch(...inputs: Input[]): void;
}

export class Later {
  private readonly deadlines: Deadlines;
  private readonly reading = new Map<LaterList, Promise<void>>();
  /** Changed while it was read: what comes may be old. */
  private readonly stale = new Set<LaterList>();
  private isUp = false;

  constructor(private readonly options: LaterOptions) {
    this.deadlines = new Deadlines(options.clock);
  }

  hear(frames: readonly ServerFrame[]): void {
    for (const { type } of frames) {
      if (type === "synced") this.isUp = true;
      if (type === "synced" || type === "scheduled.changed") this.soon("scheduled");
      if (type === "synced" || type === "reminders.changed") this.soon("reminders");
      if (type === "synced" || type === "saved.changed") this.soon("saved");
    }
  }

  /** The connection is gone: the next one reads it all. */
  down(): void {
    this.isUp = false;
    this.deadlines.clearAll();
  }

  /** Read a list now, one question at a time. Resolves when it is as new as the call, or failed; never rejects. */
  read(list: LaterList): Promise<void> {
    this.deadlines.clear(list);
    const running = this.reading.get(list);
    if (running) {
      this.stale.add(list);
      return running;
    }
    const reading = this.readAll(list).finally(() => this.reading.delete(list));
    this.reading.set(list, reading);
    return reading;
  }

  private soon(list: LaterList): void {
    this.deadlines.set(list, SOON_MS, () => void this.read(list));
  }

  private async readAll(list: LaterList): Promise<void> {
    do {
      this.stale.delete(list);
      try {
        const input = await this.ask(list);
        this.options.dispatch(input);
      } catch {
        this.options.dispatch({ type: "local.later_failed", list });
        if (this.isUp) this.deadlines.set(list, AGAIN_MS, () => void this.read(list));
        return;
      }
    } while (this.stale.has(list));
  }

  private async ask(list: LaterList): Promise<Input> {
    const { api } = this.options;
    if (list === "scheduled")
      return { type: "local.scheduled", items: await api.all<Scheduled>("scheduled") };
    if (list === "saved")
      return { type: "local.saved", ...(await api.get<{ messages: number[] }>("saved/ids")) };
    return { type: "local.reminders", items: await api.all<Reminder>("reminders") };
  }
}
