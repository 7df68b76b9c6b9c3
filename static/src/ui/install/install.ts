// Whether the page can be put beside the other apps of this device, and whether it already is.
import { computed, signal } from "@preact/signals";
import { readChoice, writeChoice } from "../remembered";

/** Chromium's offer; other browsers make none, and have the way in a menu of their own. */
interface Offer extends Event {
  prompt(): Promise<{ outcome: "accepted" | "dismissed" }>;
}

/**
 * `offered`: one press is enough. `by_hand`: an iPhone or iPad, where the person does it in the browser's menu.
 * `none`: this browser cannot, or has decided so.
 */
export type InstallState = "installed" | "offered" | "by_hand" | "none";

const offer = signal<Offer | null>(null);
const isInstalled = signal(false);
const isHintDone = signal(true);
const isHere = signal(false);

const DONE = "install";
const VISITS = "visits";
/** Who comes for the first time has other things to look at. */
const HINT_FROM_VISIT = 3;

export const installState = computed<InstallState>(() => {
  if (isInstalled.value || isHere.value) return "installed";
  if (offer.value) return "offered";
  return isApplePhone() ? "by_hand" : "none";
});

/** Whether to say once, in passing, that it can be installed. */
export const showsHint = computed(
  () => !isHintDone.value && (installState.value === "offered" || installState.value === "by_hand"),
);

/** Listen to the browser's offer from now on. */
export function startInstall(): () => void {
  const alone = matchMedia("(display-mode: standalone)");
  isHere.value = alone.matches || (navigator as { standalone?: boolean }).standalone === true;
  const visits = Number(readChoice(VISITS) ?? 0) + 1;
  if (visits <= HINT_FROM_VISIT) writeChoice(VISITS, String(visits));
  isHintDone.value = visits < HINT_FROM_VISIT || readChoice(DONE) !== null;
  const take = (event: Event): void => {
    // Its own bar would cover the composer of a phone.
    event.preventDefault();
    offer.value = event as Offer;
  };
  const done = (): void => {
    offer.value = null;
    isInstalled.value = true;
    endHint();
  };
  addEventListener("beforeinstallprompt", take);
  addEventListener("appinstalled", done);
  return () => {
    removeEventListener("beforeinstallprompt", take);
    removeEventListener("appinstalled", done);
  };
}

/** Have the browser ask. An offer is good for one question. */
export async function install(): Promise<void> {
  const asked = offer.value;
  if (!asked) return;
  offer.value = null;
  const { outcome } = await asked.prompt();
  if (outcome === "accepted") isInstalled.value = true;
  endHint();
}

/** Say it no more on this device. */
export function endHint(): void {
  isHintDone.value = true;
  writeChoice(DONE, "done");
}

/** An iPad of today says that it is a Mac, and has a touch screen. */
function isApplePhone(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}
