// How this device tells of what is said to me: a sound, a notification. Kept in this browser, for each person apart.
import { signal } from "@preact/signals";

export const SOUNDS = ["knock", "drop", "none"] as const;
export type Sound = (typeof SOUNDS)[number];

export interface BellChoice {
  sound: Sound;
  /** Notifications of the desktop; the browser's leave is another matter. */
  isShown: boolean;
}

export const bellChoice = signal<BellChoice>({ sound: "knock", isShown: false });
const keyOf = (user: number): string => `maru.bell.${user}`;

/** Read what was chosen; also when another tab chooses. */
export function startBellChoice(user: number): () => void {
  const read = (): void => {
    bellChoice.value = parsed(stored(keyOf(user)));
  };
  read();
  const hear = ({ key }: StorageEvent): void => void (key === keyOf(user) && read());
  addEventListener("storage", hear);
  return () => removeEventListener("storage", hear);
}

/** Choose, for this person on this device. */
export function chooseBell(user: number, change: Partial<BellChoice>): void {
  bellChoice.value = { ...bellChoice.value, ...change };
  try {
    localStorage.setItem(keyOf(user), JSON.stringify(bellChoice.value));
  } catch {
    // Without storage the choice lasts as long as the page.
  }
}

function parsed(text: string | null): BellChoice {
  let found: { sound?: unknown; isShown?: unknown } = {};
  try {
    found = Object(JSON.parse(text ?? "{}"));
  } catch {
    // Not ours.
  }
  const sound = SOUNDS.find((one) => one === found.sound) ?? "knock";
  return { sound, isShown: found.isShown === true };
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
