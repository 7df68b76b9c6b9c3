// Reads how I have arranged the left column, and stores what I change: here at once, on the server one after the other.
import type { ServerFrame, Sidebar } from "../protocol";
import type { Input } from "../store/inputs";
import { type Arrangement, PLAIN } from "../store/sidebar";
import type { Api } from "./api";
import { type Clock, Deadlines } from "./clock";
import { ActionError } from "./error";

const SOON_MS = 200;
const AGAIN_MS = 20_000;
/** Another device may be first more than once. */
const TRIES = 4;

export interface ArrangingOptions {
  api: Pick<Api, "get" | "put">;
  clock: Clock;
  dispatch(...inputs: Input[]): void;
}

interface Waiting {
  change: Arrangement;
  resolve(): void;
  reject(error: unknown): void;
}

export class Arranging {
  private readonly deadlines: Deadlines;
  private stored: Sidebar | null = null;
  private waiting: Waiting[] = [];
  private isSaving = false;
  private isUp = false;

  constructor(private readonly options: ArrangingOptions) {
    this.deadlines = new Deadlines(options.clock);
  }

  hear(frames: readonly ServerFrame[]): void {
    for (const { type } of frames) {
      if (type === "synced") this.isUp = true;
      if (type === "synced" || type === "sidebar.changed")
        this.deadlines.set("sidebar", SOON_MS, () => void this.read());
    }
  }

  /** The connection is gone: the next one reads it. */
  down(): void {
    this.isUp = false;
    this.deadlines.clearAll();
  }

  /** Change it here at once; resolves when it is stored. */
  arrange(change: Arrangement): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ change, resolve, reject });
      this.show();
      if (!this.isSaving) void this.save();
    });
  }

  private async read(): Promise<void> {
    // What is being stored is read with its answer.
    if (this.isSaving) return;
    try {
      this.stored = await this.options.api.get<Sidebar>("me/sidebar");
      this.show();
    } catch {
      if (this.isUp) this.deadlines.set("sidebar", AGAIN_MS, () => void this.read());
    }
  }

  private async save(): Promise<void> {
    this.isSaving = true;
    while (this.waiting.length > 0) {
      const now = [...this.waiting];
      try {
        await this.put(now);
        this.waiting = this.waiting.slice(now.length);
        for (const one of now) one.resolve();
      } catch (error) {
        this.waiting = this.waiting.slice(now.length);
        for (const one of now) one.reject(error);
      }
      this.show();
    }
    this.isSaving = false;
  }

  private async put(changes: readonly Waiting[]): Promise<void> {
    const { api } = this.options;
    let isOld = this.stored === null;
    for (let left = TRIES - 1; ; left--) {
      if (isOld) this.stored = await api.get<Sidebar>("me/sidebar");
      try {
        this.stored = await api.put<Sidebar>("me/sidebar", withAll(this.stored ?? PLAIN, changes));
        return;
      } catch (error) {
        if (!(error instanceof ActionError) || error.code !== "conflict" || left === 0) throw error;
        isOld = true;
      }
    }
  }

  private show(): void {
    const sidebar = withAll(this.stored ?? PLAIN, this.waiting);
    this.options.dispatch({ type: "local.sidebar", sidebar });
  }
}

function withAll(sidebar: Sidebar, changes: readonly Waiting[]): Sidebar {
  return changes.reduce((before, { change }) => change(before), sidebar);
}
