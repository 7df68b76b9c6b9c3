// The page of threads: those with something unread, then the others, each with the newest activity first.
import type { Thread } from "../protocol";
import type { Input } from "../store/inputs";
import type { Api } from "./api";

/** Where the page of threads goes on. */
export interface ThreadsPlace {
  isUnread: boolean;
  cursor: string | null;
}

interface Parts {
  api: Pick<Api, "get">;
  dispatch(input: Input): void;
}

const PAGE_COUNT = 15;
/** With so few of them unread there is room for others beside them. */
const FEW_COUNT = 5;

/** Load the first part, or the one after a place; returns where it goes on, null at the end. */
export async function showThreads(parts: Parts, after?: ThreadsPlace): Promise<ThreadsPlace | null> {
  const found = await part(parts, after ?? { isUnread: true, cursor: null }, after !== undefined);
  const isShort = after === undefined && found.count < FEW_COUNT;
  return isShort && found.next && !found.next.isUnread
    ? (await part(parts, found.next, true)).next
    : found.next;
}

async function part({ api, dispatch }: Parts, { isUnread, cursor }: ThreadsPlace, isMore: boolean) {
  const asked = { unread: String(isUnread), limit: PAGE_COUNT, cursor: cursor ?? undefined };
  const { items, next } = await api.get<{ items: Thread[]; next: string | null }>("threads", asked);
  dispatch({ type: "local.threads_shown", items, isMore });
  const place: ThreadsPlace | null =
    next !== null ? { isUnread, cursor: next } : isUnread ? { isUnread: false, cursor: null } : null;
  return { count: items.length, next: place };
}
