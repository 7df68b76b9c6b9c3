// Rings for what is said to me while the page is open: in one tab of a browser, once, and not for what somebody is looking at.
import type { ServerFrame } from "../protocol";
import { type Alert, alertOf, isRead } from "../store/alert";
import type { State } from "../store/state";
import { type Clock, Deadlines } from "./clock";
import type { Elect } from "./election";

/** So long another tab or another device has for saying that it was read there. */
const PATIENCE_MS = 700;
/** What comes together rings once. */
const AT_ONCE_MAX_COUNT = 50;

/** What the tabs of one browser tell each other: this message is in front of somebody's eyes here. */
export interface Glance {
  room: number;
  message: number;
}

export interface BellOptions {
  clock: Clock;
  state(): State;
  /** Whether somebody looks at this tab. */
  isLookedAt(): boolean;
  elect: Elect;
  tabs: { tell(glance: Glance): void; listen(hear: (glance: Glance) => void): void };
}

export class Bell {
  private readonly deadlines: Deadlines;
  private readonly waiting = new Map<number, Alert>();
  private listener: ((alerts: readonly Alert[]) => void) | null = null;
  private isLive = false;
  private isElected = false;

  constructor(private readonly options: BellOptions) {
    this.deadlines = new Deadlines(options.clock);
    options.tabs.listen(({ message }) => this.waiting.delete(message));
    options.elect(() => {
      this.isElected = true;
    });
  }

  /** Tell of alerts from now on. */
  onAlerts(listener: (alerts: readonly Alert[]) => void): void {
    this.listener = listener;
  }

  /** Frames that the state has taken in. What is replayed is told by its count, not by a sound. */
  hear(frames: readonly ServerFrame[]): void {
    for (const frame of frames) {
      if (frame.type === "synced") this.isLive = true;
      const alert = this.isLive ? alertOf(this.options.state(), frame) : null;
      if (!alert) continue;
      const { room, message } = alert;
      if (this.options.isLookedAt() && this.options.state().openRoom === room)
        this.options.tabs.tell({ room, message: message.id });
      // Every tab waits: the one that rings may be closed the next moment.
      else if (this.waiting.size < AT_ONCE_MAX_COUNT) this.waiting.set(message.id, alert);
    }
    if (this.waiting.size > 0 && !this.deadlines.has("ring"))
      this.deadlines.set("ring", PATIENCE_MS, () => this.ring());
  }

  /** The connection is gone. */
  down(): void {
    this.isLive = false;
  }

  private ring(): void {
    const alerts = [...this.waiting.values()].filter(({ message }) => !isRead(this.options.state(), message));
    this.waiting.clear();
    if (this.isElected && alerts.length > 0) this.listener?.(alerts);
  }
}
