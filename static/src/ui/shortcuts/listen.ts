// Keys that work everywhere on the page, from the table of shortcuts; never those that somebody types with.
import { signal } from "@preact/signals";
import type { Actions } from "../../net/actions";
import { dialog } from "../dialogs";
import { isComposing, isTyping } from "../keys";
import { readChoice, writeChoice } from "../remembered";
import { type Chord, chordOf, isLetter, matches } from "./keys";
import { SHORTCUTS, type Shortcut } from "./table";

/** Whether keys that are letters do something: who speaks to the machine, or holds a book on it, has them off. */
export const hasLetters = signal(readChoice("letters") !== "off");

/** Switch the letters among the shortcuts on or off, in this browser. */
export function switchLetters(on: boolean): void {
  hasLetters.value = on;
  writeChoice("letters", on ? null : "off");
}

const WAYS: readonly { chord: Chord; shortcut: Shortcut }[] = SHORTCUTS.flatMap((shortcut) =>
  shortcut.run ? shortcut.keys.map((keys) => ({ chord: chordOf(keys), shortcut })) : [],
);

/** Listen from now on. */
export function startShortcuts(actions: Actions): () => void {
  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isComposing(event)) return;
    for (const { chord, shortcut } of WAYS) {
      if (!matches(chord, event) || !isFree(chord, shortcut, event)) continue;
      if (shortcut.run?.(actions, event)) event.preventDefault();
      return;
    }
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

/** Whether the key is not somebody else's: of a dialog, of a menu that is open, or of a text. */
function isFree(chord: Chord, shortcut: Shortcut, event: KeyboardEvent): boolean {
  if (dialog.value) return shortcut.always === true;
  if (document.querySelector(":popover-open")) return shortcut.always === true;
  const isPlain = !chord.mod && !chord.alt;
  if (isLetter(chord)) return hasLetters.value && !isTyping(event.target);
  // Arrows, Enter and Delete are a text's, a button's and a list's own; Esc and the keys above are nobody's.
  return !isPlain || /^(Escape|F\d+)$/.test(chord.key) || isMessage(event.target);
}

function isMessage(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("article[data-key]");
}
