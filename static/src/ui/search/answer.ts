// What was found last, so that who comes back from a message finds the list as it was.
import { signal } from "@preact/signals";
import type { FoundMessage, Wanted } from "../../net/actions";

export interface Answer {
  key: string;
  items: readonly FoundMessage[];
  next: string | null;
  behind: boolean;
}

export const answer = signal<Answer | null>(null);

/** How far the list was scrolled when it was left. */
export const place = { key: "", top: 0 };

/** The same for the same search. */
export function keyOf({ q, room, sort }: Wanted): string {
  return JSON.stringify([q.trim(), room, sort]);
}
