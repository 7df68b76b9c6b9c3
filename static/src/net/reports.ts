// Reads how many reports wait for me, if I see to any: after each new connection, and when the server says so.
import type { ServerFrame } from "../protocol";
import { moderates, openReports } from "../store/reports";
import type { State } from "../store/state";
import type { Api } from "./api";
import { type Clock, Deadlines } from "./clock";

/** Several reports in a row are read together. */
const SOON_MS = 300;
const AGAIN_MS = 20_000;

export interface ReportsOptions {
  api: Pick<Api, "get">;
  clock: Clock;
  state(): State;
}

export class Reports {
  private readonly deadlines: Deadlines;
  /** Counts the questions: the answer to an older one is old. */
  private asked = 0;

  constructor(private readonly options: ReportsOptions) {
    this.deadlines = new Deadlines(options.clock);
  }

  hear(frames: readonly ServerFrame[]): void {
    if (frames.some(({ type }) => type === "synced" || type === "reports.changed")) this.soon();
  }

  /** The connection is gone: the next one reads it. */
  down(): void {
    this.deadlines.clearAll();
  }

  private soon(afterMs = SOON_MS): void {
    this.deadlines.set("read", afterMs, () => void this.read());
  }

  private async read(): Promise<void> {
    if (!moderates(this.options.state())) {
      openReports.value = 0;
      return;
    }
    const question = ++this.asked;
    try {
      const { open } = await this.options.api.get<{ open: number }>("reports", { limit: 1 });
      if (question === this.asked) openReports.value = open;
    } catch {
      this.soon(AGAIN_MS);
    }
  }
}
