// Reads which threads I follow after each connection and when that cannot be derived, and tells how far I have read them.
import type { ServerFrame, ThreadState } from "../protocol";
import type { Input } from "../store/inputs";
import type { State } from "../store/state";
import type { Api } from "./api";
import { type Clock, Deadlines } from "./clock";
import type { ActionError } from "./error";
import type { Socket } from "./socket";

/** Several reasons in a row are one question; more of them do not put it off. */
const SOON_MS = 300;
const AGAIN_MS = 20_000;
const MARK_EVERY_MS = 1_000;

export interface ThreadsOptions {
  api: Pick<Api, "get">;
  clock: Clock;
  socket: Pick<Socket, "request">;
  state(): State;
  dispatch(...inputs: Input[]): void;
}

export class Threads {
  private readonly deadlines: Deadlines;
  private reading: Promise<void> | null = null;
  private isStale = false;
  private isUp = false;
  /** What the server has not confirmed, by thread: the highest seq that is read, and what is on its way. */
  private readonly marks = new Map<number, { seq: number; saying: number }>();

  constructor(private readonly options: ThreadsOptions) {
    this.deadlines = new Deadlines(options.clock);
  }

  hear(frames: readonly ServerFrame[]): void {
    if (frames.some(({ type }) => type === "synced")) {
      this.isUp = true;
      // What the connection before may have lost is told again.
      for (const mark of this.marks.values()) mark.saying = 0;
      this.say();
      this.soon();
    } else this.look();
  }

  down(): void {
    this.isUp = false;
    this.deadlines.clearAll();
  }

  /** Read up to a reply: shown at once, and told soon. */
  read(thread: number, seq: number): void {
    const known = this.options.state().threads.followed?.get(thread);
    if (!known || seq <= known.readSeq) return;
    this.options.dispatch({ type: "local.thread_read", message: thread, seq });
    this.marks.set(thread, { seq, saying: this.marks.get(thread)?.saying ?? 0 });
    if (this.isUp && !this.deadlines.has("marks")) this.say();
    this.look();
  }

  /** Read the list now. Never rejects. */
  list(): Promise<void> {
    this.deadlines.clear("list");
    if (this.reading) {
      this.isStale = true;
      return this.reading;
    }
    this.reading = this.ask().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private look(): void {
    if (this.isUp && this.options.state().threads.isUnsure) this.soon();
  }

  private soon(): void {
    if (!this.deadlines.has("list")) this.deadlines.set("list", SOON_MS, () => void this.list());
  }

  private async ask(): Promise<void> {
    const { api, dispatch } = this.options;
    do {
      this.isStale = false;
      try {
        const { items } = await api.get<{ items: ThreadState[] }>("threads/state");
        dispatch({ type: "local.threads", items });
      } catch {
        dispatch({ type: "local.threads_failed" });
        if (this.isUp) this.deadlines.set("list", AGAIN_MS, () => void this.list());
        return;
      }
    } while (this.isStale);
  }

  private say(): void {
    this.deadlines.clear("marks");
    if (this.marks.size === 0) return;
    // What is read meanwhile is gathered.
    this.deadlines.set("marks", MARK_EVERY_MS, () => this.say());
    for (const [message, mark] of this.marks) {
      const { seq } = mark;
      if (mark.saying >= seq) continue;
      mark.saying = seq;
      this.options.socket.request("thread.read", { message, seq }).then(
        () => this.said(message, seq),
        (error: ActionError) => {
          if (!error.retry) this.said(message, seq);
          else if (mark.saying === seq) mark.saying = 0;
        },
      );
    }
  }

  private said(message: number, seq: number): void {
    if ((this.marks.get(message)?.seq ?? 0) <= seq) this.marks.delete(message);
  }
}
