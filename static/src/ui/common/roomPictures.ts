// All pictures of a room in order: those on the page at once, older and newer ones as somebody walks towards them.
import { useState } from "preact/hooks";
import type { Actions } from "../../net/actions";
import type { Attachment, Message } from "../../protocol";
import type { State } from "../../store/state";
import { kindOf } from "./file";

export interface Pictured {
  picture: Attachment;
  /** Null for one whose message is not on the page any more. */
  message: Message | null;
}

/** So many pages of what was found are read at most for one step: some hold nothing new. */
const PAGES_MAX_COUNT = 4;

/** The pictures of messages, by their place in the room; each once. */
export function inOrder(messages: Iterable<Message>): Pictured[] {
  const byId = new Map<number, Message>();
  for (const message of messages) if (message.deleted_at === null) byId.set(message.id, message);
  return [...byId.values()]
    .sort((a, b) => a.seq - b.seq)
    .flatMap((message) =>
      message.attachments.filter((one) => kindOf(one) === "picture").map((picture) => ({ picture, message })),
    );
}

/** What stands on the page of a room, its open thread among it. */
export function shownMessages(state: State, room: number): Message[] {
  const thread = state.thread?.room === room ? state.thread : null;
  const first = thread?.first ? [thread.first] : [];
  return [...(state.rooms.get(room)?.timeline.messages ?? []), ...first, ...(thread?.replies ?? [])];
}

/** Reads on in what is found of a room, newest first. */
export class PictureSearch {
  readonly found: Message[] = [];
  private cursor: string | null = null;
  private isReading = false;
  isDone = false;

  constructor(
    private readonly actions: Pick<Actions, "search">,
    private readonly room: number,
  ) {}

  /** Read until there is something new; false when there is nothing more, or no answer. */
  async more(): Promise<boolean> {
    if (this.isReading || this.isDone) return false;
    this.isReading = true;
    try {
      for (let page = 0; page < PAGES_MAX_COUNT && !this.isDone; page++) {
        const wanted = { q: "has:image", room: this.room, sort: "newest" } as const;
        const { items, next } = await this.actions.search(wanted, this.cursor);
        this.cursor = next;
        this.isDone = next === null;
        this.found.push(...items.map(({ message }) => message));
        if (items.length > 0) return true;
      }
      return false;
    } catch {
      // Walking goes as far as what is known.
      this.isDone = true;
      return false;
    } finally {
      this.isReading = false;
    }
  }
}

/** The pictures to walk through, and the way to more of them. */
export function useRoomPictures(
  opened: readonly Attachment[],
  room: number | undefined,
  state: State,
  actions: Pick<Actions, "search"> | null,
): { all: readonly Pictured[]; isAll: boolean; more: () => void } {
  const [search] = useState(() => (room === undefined || !actions ? null : new PictureSearch(actions, room)));
  const [, redraw] = useState(0);
  const found = room === undefined ? [] : inOrder([...(search?.found ?? []), ...shownMessages(state, room)]);
  const isThere = opened.every(({ id }) => found.some(({ picture }) => picture.id === id));
  return {
    all: isThere && found.length > 0 ? found : opened.map((picture) => ({ picture, message: null })),
    isAll: !search || search.isDone,
    more: () => void search?.more().then(() => redraw((count) => count + 1)),
  };
}
