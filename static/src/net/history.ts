// Pages of a room: the newest, one around a message, older and newer ones; one question a room at a time.
import { LIMITS, type Message } from "../protocol";
import type { Input, PageKind } from "../store/inputs";
import type { Room, State } from "../store/state";
import type { ActionError } from "./error";
import type { Socket } from "./socket";

const PAGE_COUNT = 60;
/** The newest page of a narrow screen: more than two of it, and half of what a slow line has to bring first. */
const NARROW_COUNT = 30;
/** A page may hold nothing but replies of threads, which the timeline does not show. */
const FEW_COUNT = 10;
const PAGES_AT_ONCE_MAX_COUNT = 5;

interface HistoryReply {
  items: Message[];
  has_before: boolean;
  has_after: boolean;
}

export class History {
  private wanted: { room: number; seq: number } | null = null;
  private readonly asked = new Map<number, Promise<void>>();

  constructor(
    private readonly socket: Pick<Socket, "request">,
    private readonly state: () => State,
    private readonly dispatch: (...inputs: Input[]) => void,
    private readonly isNarrow: () => boolean = () => false,
  ) {}

  /** Remember that a room which is not here yet is to open around `seq`. */
  want(room: number, seq: number): void {
    this.wanted = { room, seq };
  }

  /** Load what the open room lacks; what failed is tried again after a new connection only. */
  look(isAnew: boolean): void {
    const { openRoom, synced } = this.state();
    const timeline = openRoom === null || !synced ? undefined : this.room(openRoom)?.timeline;
    if (openRoom === null || !timeline || timeline.loading !== "no") return;
    if (timeline.loaded && !timeline.stale) return;
    if (timeline.failed && !isAnew) return;
    const seq = this.wanted?.room === openRoom ? this.wanted.seq : undefined;
    this.wanted = null;
    // The timeline itself says when it failed.
    this.show(openRoom, seq).catch(() => undefined);
  }

  /** Have something to show of a room: what is here, else its newest page, or the one around `seq`. */
  show(room: number, seq?: number): Promise<void> {
    const timeline = this.room(room)?.timeline;
    if (seq !== undefined) {
      if (timeline?.loaded && !timeline.stale && timeline.messages.some((message) => message.seq === seq)) {
        return Promise.resolve();
      }
      return this.load(room, "around", seq);
    }
    if (timeline?.loaded && !timeline.stale) return Promise.resolve();
    // It was asked for as soon as the room was known.
    const asked = timeline?.loading === "newest" ? this.asked.get(room) : undefined;
    return asked ?? this.newest(room);
  }

  latest(room: number): Promise<void> {
    const timeline = this.room(room)?.timeline;
    return timeline?.loaded && !timeline.hasAfter ? Promise.resolve() : this.newest(room);
  }

  before(room: number): Promise<void> {
    return this.further(room, "before");
  }

  after(room: number): Promise<void> {
    return this.further(room, "after");
  }

  private async newest(room: number): Promise<void> {
    await this.load(room, "newest", null);
    if (mainCount(this.room(room)) < FEW_COUNT) await this.further(room, "before");
  }

  private async further(room: number, which: "before" | "after"): Promise<void> {
    for (let page = 0; page < PAGES_AT_ONCE_MAX_COUNT; page++) {
      const timeline = this.room(room)?.timeline;
      if (!timeline?.loaded || timeline.stale) return;
      const hasMore = which === "before" ? timeline.hasBefore : timeline.hasAfter;
      const anchor = (which === "before" ? timeline.messages[0] : timeline.messages.at(-1))?.seq;
      if (!hasMore || anchor === undefined || timeline.loading !== "no") return;
      await this.load(room, which, anchor);
      // Not by their number: what lies far away may have been let go meanwhile.
      const isBeyond = (seq: number): boolean => (which === "before" ? seq < anchor : seq > anchor);
      const { messages } = this.room(room)?.timeline ?? timeline;
      if (messages.some((message) => message.parent === null && isBeyond(message.seq))) return;
    }
  }

  private load(room: number, which: PageKind, anchor: number | null): Promise<void> {
    this.dispatch({ type: "local.loading", room, which });
    const field = which === "newest" ? {} : { [which]: anchor };
    const count = which === "newest" && this.isNarrow() ? NARROW_COUNT : PAGE_COUNT;
    const isLatest = (): boolean => this.asked.get(room) === asked;
    const asked: Promise<void> = this.socket
      .request("history.get", { room, ...field, limit: Math.min(count, LIMITS.HISTORY_LIMIT_MAX) })
      .then((result) => {
        if (!isLatest()) return;
        const { items, has_before, has_after } = result as HistoryReply;
        this.dispatch({
          type: "local.page",
          room,
          which,
          anchor,
          items,
          hasBefore: has_before,
          hasAfter: has_after,
        });
      })
      .catch((error: ActionError) => {
        if (isLatest()) this.dispatch({ type: "local.load_failed", room });
        throw error;
      });
    this.asked.set(room, asked);
    return asked;
  }

  private room(id: number): Room | undefined {
    return this.state().rooms.get(id);
  }
}

function mainCount(room: Room | undefined): number {
  return room?.timeline.messages.reduce((count, message) => count + Number(message.msg_no !== null), 0) ?? 0;
}
