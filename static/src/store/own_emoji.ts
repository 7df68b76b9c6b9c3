// The emoji of the workspace's own, as everybody here has them: by name, and which one a `:name:` stands for.
import { computed, signal } from "@preact/signals";
import type { CustomEmoji } from "../protocol";

export const ownEmoji = signal<readonly CustomEmoji[]>([]);

const byName = computed(() => {
  const found = new Map<string, CustomEmoji>();
  for (const one of ownEmoji.value) for (const name of [one.name, ...one.aliases]) found.set(name, one);
  return found;
});

/** The emoji that a text between two colons names, or null. */
export function ownEmojiOf(text: string): CustomEmoji | null {
  if (text.length < 3 || !text.startsWith(":") || !text.endsWith(":")) return null;
  return byName.value.get(text.slice(1, -1).toLowerCase()) ?? null;
}

/** The list with another emoji of a name, or without one. */
export function withEmoji(
  list: readonly CustomEmoji[],
  name: string,
  emoji: CustomEmoji | null,
): readonly CustomEmoji[] {
  const others = list.filter((one) => one.name !== name);
  if (!emoji) return others;
  return [...others, emoji].sort((a, b) => (a.name < b.name ? -1 : 1));
}
