// Keeps what I write the same on all my devices: kept here at once, told soon, taken over where another wrote later.
import type { Draft, ServerFrame } from "../protocol";
import { type DraftText, type DraftTexts, decide, draftPlace, placeOfDraft } from "../store/drafts";
import type { Api } from "./api";
import { type Clock, Deadlines } from "./clock";
import type { ActionError } from "./error";

/** Told when one has stopped typing for so long, or types for longer. */
const PAUSE_MS = 1_200;
const MOST_MS = 6_000;
const AGAIN_MS = 15_000;
/** The list is read a moment after a connection: it is not what a person waits for. */
const LIST_MS = 500;

/** Where drafts outlive the page: a `Storage`. */
export type DraftStore = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

export interface DraftsOptions {
  api: Pick<Api, "all" | "put">;
  clock: Clock;
  user: number;
  /** How long ago the server's first word had come when it was told. */
  helloLateMs?(): number;
  store(): DraftStore | null;
  get(): DraftTexts;
  set(drafts: DraftTexts): void;
}

export class Drafts {
  private readonly deadlines: Deadlines;
  private readonly since = new Map<string, number>();
  /** What the server will not take stays here; it is told again when it is another. */
  private readonly refused = new Set<string>();
  /** Where somebody has written since the page is open: what an earlier page has left is not being typed. */
  private readonly typed = new Set<string>();
  /** When the server took what was told last, by place. */
  private readonly toldAt = new Map<string, number>();
  private isUp = false;
  /** How far the server's clock is ahead of this one. */
  private aheadMs = 0;

  constructor(private readonly options: DraftsOptions) {
    this.deadlines = new Deadlines(options.clock);
  }

  /** Show what an earlier page has left. */
  load(): void {
    const found = new Map<string, DraftText>();
    const prefix = this.keyOf("");
    const store = this.store();
    for (let index = 0; store && index < store.length; index++) {
      const key = store.key(index);
      const text = key?.startsWith(prefix) ? store.getItem(key) : null;
      const place = key?.slice(prefix.length) ?? "";
      if (text && placeOfDraft(place)) found.set(place, read(text));
    }
    this.options.set(found);
  }

  /** The text of a place is another; an empty one was sent or thrown away. */
  write(place: string, text: string): void {
    const known = this.options.get().get(place);
    if (text === (known?.text ?? "")) return;
    this.put(place, { text, at: Math.max(this.now(), (known?.at ?? 0) + 1), isTold: false });
    this.refused.delete(place);
    this.typed.add(place);
    if (!this.isUp) return;
    const began = this.since.get(place) ?? this.options.clock.now();
    this.since.set(place, began);
    const left = Math.max(0, began + MOST_MS - this.options.clock.now());
    this.deadlines.set(place, text.trim() === "" ? 0 : Math.min(PAUSE_MS, left), () => void this.tell(place));
  }

  hear(frames: readonly ServerFrame[], me: number): void {
    for (const frame of frames) {
      if (frame.type === "hello") this.aheadMs = Date.parse(frame.server_time) - this.heardAt() || 0;
      else if (frame.type === "synced") this.begin();
      else if (frame.type === "draft.changed") this.take(frame.draft);
      else if (frame.type === "message.posted" && frame.message.sender.id === me) {
        // Sent on another device that may have gone before it could say so.
        const place = draftPlace(frame.room, frame.message.parent);
        const known = this.options.get().get(place);
        const isDone = known && (known.isTold || !this.typed.has(place)) && known.text.trim() !== "";
        if (isDone && known.text.trim() === frame.message.body.trim()) this.write(place, "");
      }
    }
  }

  /** The connection is gone: what is written waits. */
  down(): void {
    this.isUp = false;
    this.deadlines.clearAll();
    this.since.clear();
  }

  /** The page is out of sight or goes: what was not told yet is told now. */
  flush(): void {
    if (!this.isUp) return;
    for (const place of [...this.since.keys()]) void this.tell(place);
  }

  private begin(): void {
    this.isUp = true;
    this.deadlines.set("list", LIST_MS, () => void this.list());
  }

  /** Take over what other devices have written, then tell what was written here meanwhile. */
  private async list(): Promise<void> {
    const askedAt = this.options.clock.now();
    let items: Draft[];
    try {
      items = await this.options.api.all<Draft>("drafts");
    } catch {
      if (this.isUp) this.deadlines.set("list", AGAIN_MS, () => void this.list());
      return;
    }
    for (const item of items) this.take(item);
    const kept = new Set(items.map(({ room, parent }) => draftPlace(room, parent)));
    for (const [place, { isTold }] of [...this.options.get()]) {
      // Told before the list was asked for and not in it: sent or thrown away elsewhere.
      if (isTold && !kept.has(place) && (this.toldAt.get(place) ?? 0) < askedAt) this.put(place, null);
      else if (!isTold && !this.refused.has(place)) void this.tell(place);
    }
  }

  private take(draft: Draft): void {
    const place = draftPlace(draft.room, draft.parent);
    const known = this.options.get().get(place);
    const taken = decide(known, draft, this.typed.has(place) ? this.now() : Number.POSITIVE_INFINITY);
    const at = Date.parse(draft.written_at);
    if (taken === "theirs")
      this.put(place, draft.body === "" ? null : { text: draft.body, at, isTold: true });
    else if (taken === "mine" && known) {
      // Written later than theirs, whatever their clock says.
      if (known.at <= at) this.put(place, { ...known, at: at + 1 });
      if (this.isUp && !this.deadlines.has(place))
        this.deadlines.set(place, PAUSE_MS, () => void this.tell(place));
    } else if (known && known.text.trim() === draft.body.trim()) {
      if (draft.body === "") this.put(place, null);
      else this.put(place, { ...known, at: Math.max(known.at, at), isTold: true });
    }
  }

  private async tell(place: string): Promise<void> {
    this.deadlines.clear(place);
    this.since.delete(place);
    const told = this.options.get().get(place);
    const where = placeOfDraft(place);
    if (!told || !where || told.isTold) return;
    const { text, at } = told;
    try {
      const kept = await this.options.api.put<Draft>("drafts", {
        ...where,
        body: text.trim() === "" ? "" : text,
        written_at: new Date(at).toISOString(),
      });
      this.toldAt.set(place, this.options.clock.now());
      const now = this.options.get().get(place);
      // Written on while it was told: the next one follows.
      if (now?.at === at) this.settle(place, { text, at }, kept);
    } catch (error) {
      this.failed(place, error as ActionError);
    }
  }

  private settle(place: string, said: { text: string; at: number }, kept: Draft): void {
    if (kept.body.trim() !== said.text.trim()) this.take(kept);
    else if (kept.body === "") this.put(place, null);
    else this.put(place, { text: said.text, at: Date.parse(kept.written_at), isTold: true });
  }

  private failed(place: string, error: ActionError): void {
    if (!error.retry) this.refused.add(place);
    else if (this.isUp)
      this.deadlines.set(place, Math.max(PAUSE_MS * 2, error.afterMs ?? 0), () => void this.tell(place));
  }

  private put(place: string, draft: DraftText | null): void {
    const next = new Map(this.options.get());
    if (draft) next.set(place, draft);
    else next.delete(place);
    this.options.set(next);
    try {
      if (draft) this.store()?.setItem(this.keyOf(place), JSON.stringify(draft));
      else this.store()?.removeItem(this.keyOf(place));
    } catch {
      // Full or forbidden storage: the text lasts as long as the page.
    }
  }

  private store(): DraftStore | null {
    try {
      return this.options.store();
    } catch {
      return null;
    }
  }

  private keyOf(place: string): string {
    return `maru.draft.${this.options.user}.${place}`;
  }

  private heardAt(): number {
    return this.options.clock.now() - (this.options.helloLateMs?.() ?? 0);
  }

  private now(): number {
    return this.options.clock.now() + this.aheadMs;
  }
}

/** What an older page has left is the text alone, and was told nobody. */
function read(text: string): DraftText {
  try {
    const held = JSON.parse(text) as Partial<DraftText> | null;
    if (held && typeof held.text === "string" && typeof held.at === "number")
      return { text: held.text, at: held.at, isTold: held.isTold === true };
  } catch {
    // Not one of ours.
  }
  return { text, at: 0, isTold: false };
}
