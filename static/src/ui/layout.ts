// How much room the window has; three widths, as in the style sheets.
import { signal } from "@preact/signals";

export type Layout = "phone" | "middle" | "wide";

const PHONE = "(max-width: 720px)";

export const layout = signal<Layout>("wide");

/** Follow the width of the window from now on. */
export function startLayout(): () => void {
  const phone = matchMedia(PHONE);
  const wide = matchMedia("(min-width: 1100px)");
  const read = (): void => {
    layout.value = phone.matches ? "phone" : wide.matches ? "wide" : "middle";
  };
  read();
  phone.addEventListener("change", read);
  wide.addEventListener("change", read);
  return () => {
    phone.removeEventListener("change", read);
    wide.removeEventListener("change", read);
  };
}

/** Whether the window is a phone's now, before anybody follows its width. */
export function isPhoneWide(): boolean {
  return matchMedia(PHONE).matches;
}

/** Whether the finger is the pointer: no hover, and Enter makes a new line on most keyboards there. */
export function isTouch(): boolean {
  return matchMedia("(pointer: coarse) and (hover: none)").matches;
}
