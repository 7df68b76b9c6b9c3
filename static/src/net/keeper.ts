// Keeps the last visit: writes down what is known a while after it has changed, and when the page goes out of sight.
import type { Message } from "../protocol";
import { endOf, rememberedOf } from "../store/kept";
import type { State } from "../store/state";
import { type Clock, Deadlines } from "./clock";
import type { KeptStore } from "./kept_store";

/** Nothing is lost by waiting: what is kept is read only at the next start. */
const AFTER_MS = 5_000;

export class Keeper {
  private readonly deadlines: Deadlines;
  private written = new Map<number, readonly Message[]>();
  private last: State | null = null;
  private isEnded = false;

  constructor(
    private readonly store: KeptStore | null,
    private readonly clock: Clock,
    private readonly state: () => State,
  ) {
    this.deadlines = new Deadlines(clock);
  }

  /** Something is another. */
  note(): void {
    if (!this.store || this.isEnded || this.deadlines.has("write") || this.state() === this.last) return;
    this.deadlines.set("write", AFTER_MS, () => void this.write());
  }

  /** Write now: the page may be gone the next moment. Never rejects. */
  async write(): Promise<void> {
    this.deadlines.clear("write");
    const state = this.state();
    const kept = rememberedOf(state, this.clock.now());
    if (!this.store || this.isEnded || !kept || state === this.last) return;
    this.last = state;
    const messages = new Map<number, readonly Message[]>();
    for (const room of state.rooms.values()) {
      const end = endOf(room);
      if (end && this.written.get(room.state.id) !== end) messages.set(room.state.id, end);
    }
    try {
      await this.store.write({ ...kept, messages });
      for (const [room, end] of messages) this.written.set(room, end);
    } catch {
      // A full disk, or the database is being thrown away: this visit is not remembered.
    }
  }

  /** Write no more: whoever was here signs out. */
  end(): void {
    this.isEnded = true;
    this.deadlines.clearAll();
  }
}
