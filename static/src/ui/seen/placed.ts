// Where the faces of those who have read stand: at the last message that each has read. Pure.
import type { Message } from "../../protocol";
import type { Seen } from "../../store/seen";
import type { Timeline } from "../../store/state";

/** Readers by the message at which they stand, as far as that is among the loaded ones. */
export function placedReaders(
  { messages, hasAfter }: Pick<Timeline, "messages" | "hasAfter">,
  seen: Seen,
): ReadonlyMap<number, readonly number[]> {
  const main = messages.filter((message) => message.msg_no !== null && message.deleted_at === null);
  const found = new Map<number, number[]>();
  const last = main.at(-1)?.msg_no ?? 0;
  for (const [user, upTo] of seen) {
    // What they have read last comes after all that is loaded.
    if (hasAfter && upTo > last) continue;
    const message = lastUpTo(main, upTo);
    // That who has written something has read it says the message itself.
    if (message && message.sender.id !== user)
      found.set(message.id, [...(found.get(message.id) ?? []), user]);
  }
  return found;
}

function lastUpTo(main: readonly Message[], msgNo: number): Message | undefined {
  let low = 0;
  let high = main.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (main[middle]!.msg_no! <= msgNo) low = middle + 1;
    else high = middle;
  }
  return main[low - 1];
}
