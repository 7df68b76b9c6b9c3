// The :name that is being typed, and the emoji it may mean in either language. Their data is loaded at the first colon.

import type { CustomEmoji } from "../../protocol";
import { ownEmoji } from "../../store/own_emoji";

export interface EmojiWord {
  /** Where the colon stands. */
  start: number;
  query: string;
}

export interface EmojiChoice {
  /** What goes into the text. */
  text: string;
  name: string;
  /** Its picture, of one of the workspace's own. */
  url?: string;
}

const QUERY_MAX_CHARS = 24;
// As many as stand there without scrolling, on a phone too.
const CHOICES_MAX_COUNT = 6;

/** The emoji name at the caret, or null: two letters, or one syllable, behind a colon that begins a word. */
export function emojiWordAt(text: string, caret: number): EmojiWord | null {
  const before = text.slice(0, caret);
  const found = /(?:^|[^\p{L}\p{N}:/])(:([\p{L}\p{N}_+-]{1,24}))$/u.exec(before);
  const query = found?.[2];
  if (query === undefined || query.length > QUERY_MAX_CHARS) return null;
  if (query.length < 2 && !/[가-힣+]/u.test(query)) return null;
  if (/`[^`\n]*$/.test(before.replace(/`[^`\n]*`/g, ""))) return null;
  return { start: caret - query.length - 1, query };
}

/** The emoji that a word may mean, the best first, the workspace's own before all. */
export async function findEmoji(query: string): Promise<EmojiChoice[]> {
  const own = ownChoices(ownEmoji.peek(), query.toLowerCase());
  if (own.length >= CHOICES_MAX_COUNT) return own;
  const { searchEmoji } = await import("../common/emojiSet");
  const others = await searchEmoji(query.toLowerCase().replaceAll("_", " "));
  return [...own, ...others].slice(0, CHOICES_MAX_COUNT);
}

/** The workspace's own of which a name holds the word; what begins with it comes first. */
export function ownChoices(all: readonly CustomEmoji[], word: string): EmojiChoice[] {
  const found: { choice: EmojiChoice; at: number }[] = [];
  for (const one of all) {
    const names = [one.name, ...one.aliases];
    const at = Math.min(...names.map((name) => name.indexOf(word)).filter((place) => place >= 0));
    if (at === Number.POSITIVE_INFINITY) continue;
    const name = names.find((other) => other.indexOf(word) === at) ?? one.name;
    found.push({ choice: { text: `:${one.name}:`, name, url: one.url }, at });
  }
  return found
    .sort((a, b) => Number(a.at > 0) - Number(b.at > 0))
    .map(({ choice }) => choice)
    .slice(0, CHOICES_MAX_COUNT);
}

/** Put a choice in the place of what was typed, with a space behind it. */
export function completeEmoji(
  text: string,
  word: EmojiWord,
  caret: number,
  choice: string,
): { text: string; caret: number } {
  const before = text.slice(0, word.start) + choice;
  const rest = text.slice(caret);
  return { text: `${before}${rest.startsWith(" ") ? "" : " "}${rest}`, caret: before.length + 1 };
}
