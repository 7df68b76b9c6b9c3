// What keys are called on this machine.

/** Whether this is a Mac (or a phone of the same house), where Cmd is the key and not Ctrl. */
export function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}

/** The sign before the letter of a shortcut. */
export function modKey(): string {
  return isApple() ? "⌘" : "Ctrl+";
}

/** Whether a key press belongs to a text that is being composed (Korean, Japanese, Chinese). */
export function isComposing(event: KeyboardEvent): boolean {
  // 229: Safari ends the composition before the Enter that confirmed it arrives.
  return event.isComposing || event.keyCode === 229;
}

/** Whether the person types into something, where single letters are text. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT|EMOJI-PICKER)$/.test(target.tagName);
}
