// The @word under the caret, who it may mean, and the text after one was chosen. Pure.
import type { User } from "../../protocol";
import { search } from "../match";

export interface Mention {
  /** Where the @ stands. */
  start: number;
  query: string;
}

const QUERY_MAX_CHARS = 32;
const SHOWN_MAX_COUNT = 8;

/** The mention that is being typed, or null: the @ must not belong to an address or a path. */
export function mentionAt(text: string, caret: number): Mention | null {
  const found = /(?:^|[^\p{L}\p{N}_@/.:+-])@([\p{L}\p{N}_.-]*)$/u.exec(text.slice(0, caret));
  const query = found?.[1];
  if (query === undefined || query.length > QUERY_MAX_CHARS) return null;
  // In code an @ is an @.
  if (/`[^`\n]*$/.test(text.slice(0, caret).replace(/`[^`\n]*`/g, ""))) return null;
  return { start: caret - query.length - 1, query };
}

/** Who may be meant: me never, the best match first. */
export function candidates(people: readonly User[], query: string, me: number): User[] {
  const others = people.filter((person) => person.id !== me);
  return search(others, query, (person) => [person.handle, person.name]).slice(0, SHOWN_MAX_COUNT);
}

/** Put the chosen handle in the place of what was typed, with a space after it. */
export function complete(
  text: string,
  mention: Mention,
  caret: number,
  handle: string,
): { text: string; caret: number } {
  const rest = text.slice(caret);
  const before = `${text.slice(0, mention.start)}@${handle}`;
  const space = rest.startsWith(" ") ? "" : " ";
  return { text: before + space + rest, caret: before.length + 1 };
}
