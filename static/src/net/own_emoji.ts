// Reads the emoji of the workspace's own: after each new connection, and one by one as the server tells of them.
import type { CustomEmoji, ServerFrame } from "../protocol";
import { ownEmoji, withEmoji } from "../store/own_emoji";
import { workspace } from "../store/workspace";
import type { Api } from "./api";
import { type Clock, Deadlines } from "./clock";

/** Not what a person waits for: what was kept shows until then. */
const SOON_MS = 400;
const AGAIN_MS = 20_000;

export interface OwnEmojiOptions {
  api: Pick<Api, "get">;
  clock: Clock;
  user: number;
  store(): Pick<Storage, "getItem" | "setItem" | "removeItem"> | null;
}

export class OwnEmoji {
  private readonly deadlines: Deadlines;
  /** Told of while the list was read: what comes may be old. */
  private isStale = false;

  constructor(private readonly options: OwnEmojiOptions) {
    this.deadlines = new Deadlines(options.clock);
  }

  /** Show what an earlier page has left, so that no text shows names first. */
  load(): void {
    try {
      const found: unknown = JSON.parse(this.options.store()?.getItem(this.key()) ?? "[]");
      if (Array.isArray(found)) ownEmoji.value = found.filter(isEmoji);
    } catch {
      // Not ours, or no storage: it is read again anyway.
    }
  }

  hear(frames: readonly ServerFrame[]): void {
    for (const frame of frames) {
      if (frame.type === "synced") this.soon(SOON_MS);
      else if (frame.type === "emoji.changed") {
        this.isStale = true;
        this.show(withEmoji(ownEmoji.value, frame.name, frame.emoji));
      } else if (frame.type === "workspace.changed") workspace.value = { name: frame.name, logo: frame.logo };
    }
  }

  /** The connection is gone: the next one reads it. */
  down(): void {
    this.deadlines.clearAll();
  }

  /** The next person here has lists of their own. */
  forget(): void {
    try {
      this.options.store()?.removeItem(this.key());
    } catch {
      // Nothing was kept.
    }
  }

  private soon(afterMs: number): void {
    this.deadlines.set("read", afterMs, () => void this.read());
  }

  private async read(): Promise<void> {
    this.isStale = false;
    try {
      const { items } = await this.options.api.get<{ items: CustomEmoji[] }>("emoji");
      if (this.isStale) this.soon(SOON_MS);
      else this.show(items);
    } catch {
      this.soon(AGAIN_MS);
    }
  }

  private show(list: readonly CustomEmoji[]): void {
    const text = JSON.stringify(list);
    // The same list draws nothing anew.
    if (text !== JSON.stringify(ownEmoji.value)) ownEmoji.value = list;
    try {
      this.options.store()?.setItem(this.key(), text);
    } catch {
      // Full or forbidden: it lasts as long as the page.
    }
  }

  private key(): string {
    return `maru.emoji.${this.options.user}`;
  }
}

function isEmoji(one: unknown): one is CustomEmoji {
  const { name, url, aliases } = (one ?? {}) as Partial<CustomEmoji>;
  return typeof name === "string" && typeof url === "string" && Array.isArray(aliases);
}
