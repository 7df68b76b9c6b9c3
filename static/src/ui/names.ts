// What people and rooms are called on the screen, and the letters and colour of a face.
import type { User } from "../protocol";
import type { Room, State } from "../store/state";
import { t } from "../text/t";

export const FACE_COLOURS = 8;

/** One or two characters for a face: the given name in Korean, the first letters elsewhere. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  if (!first) return "?";
  if (words.length === 1 && /^[가-힣]{2,4}$/.test(first)) return first.slice(-2);
  const letters = words.length > 1 ? [first, words.at(-1)!] : [first];
  return letters.map(firstLetter).join("").toLocaleUpperCase();
}

function firstLetter(word: string): string {
  const letter = word.match(/[\p{L}\p{N}]/u);
  return letter ? letter[0] : "";
}

/** A colour that stays with a person: 0 … FACE_COLOURS - 1. */
export function colourOf(id: number): number {
  // 5 and 8 share no factor: any eight people who signed up one after the other get eight colours.
  return (id * 5) % FACE_COLOURS;
}

/** The other people of a direct conversation, those that are known. */
export function peersOf(room: Room, state: State): User[] {
  return room.state.peers.flatMap((id) => state.users.get(id) ?? []);
}

/** The name of a room; a direct conversation is called by its other people. */
export function roomName(room: Room, state: State): string {
  if (room.state.kind !== "direct" || room.state.named) return room.state.name;
  const names = peersOf(room, state).map((user) => user.name);
  return names.length > 0 ? names.join(", ") : room.state.name || t("room.myself");
}

/** The name of a user by id, for lists of names. */
export function userName(id: number, state: State): string {
  return state.users.get(id)?.name ?? t("people.somebody");
}

/** "Alice, Bob and 3 others" in the language of the page. */
export function nameList(names: readonly string[], max = 3): string {
  if (names.length <= max) return joinNames(names);
  return joinNames([...names.slice(0, max), t("people.others", { n: names.length - max })]);
}

function joinNames(names: readonly string[]): string {
  return new Intl.ListFormat(document.documentElement.lang || "en", { type: "conjunction" }).format(names);
}
