// Keys as the table of shortcuts writes them ("Mod+Shift+A", "Alt+ArrowUp", "J"), against what was pressed. Pure.
import { isApple } from "../keys";

export interface Chord {
  mod: boolean;
  alt: boolean;
  shift: boolean;
  /** A capital letter, another sign, or the name of a key. */
  key: string;
}

type Pressed = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

const NAMES: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Backspace: "⌫",
};
/** Signs for which Shift may be needed or not, as the keyboard has it. */
const SIGN = /^[^A-Z0-9]$/;

/** Read the keys of one shortcut. */
export function chordOf(text: string): Chord {
  const parts = text.split("+");
  // A plus at the end is the key itself.
  const key = parts.at(-1) === "" ? "+" : parts.at(-1)!;
  return { mod: parts.includes("Mod"), alt: parts.includes("Alt"), shift: parts.includes("Shift"), key };
}

/** Whether it is one key that is also text: a letter or a sign without Ctrl, Cmd or Alt. */
export function isLetter(chord: Chord): boolean {
  return !chord.mod && !chord.alt && chord.key.length === 1;
}

/** Whether these keys were pressed. */
export function matches(chord: Chord, event: Pressed, apple = isApple()): boolean {
  const mod = apple ? event.metaKey : event.ctrlKey;
  const other = apple ? event.ctrlKey : event.metaKey;
  if (other || mod !== chord.mod || event.altKey !== chord.alt) return false;
  if (SIGN.test(chord.key)) return event.key === chord.key;
  if (event.shiftKey !== chord.shift) return false;
  if (!/^[A-Z]$/.test(chord.key)) return event.key === chord.key;
  // The place of the key where the layout writes other letters: a Korean keyboard gives ㅓ for J.
  return /^[a-z]$/i.test(event.key)
    ? event.key.toUpperCase() === chord.key
    : event.code === `Key${chord.key}`;
}

/** The keys as they are written on this machine. */
export function namesOf(chord: Chord, apple = isApple()): string[] {
  const names = [];
  if (chord.mod) names.push(apple ? "⌘" : "Ctrl");
  if (chord.alt) names.push(apple ? "⌥" : "Alt");
  if (chord.shift) names.push(apple ? "⇧" : "Shift");
  return [...names, NAMES[chord.key] ?? chord.key];
}
