// Small choices that stay in this browser. A browser without storage forgets them and works all the same.
import { signal } from "@preact/signals";

export type ThemeChoice = "system" | "light" | "dark";

function read(key: string): string | null {
  try {
    return localStorage.getItem(`maru.${key}`);
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`maru.${key}`);
    else localStorage.setItem(`maru.${key}`, value);
  } catch {
    // Full or forbidden storage: the choice lasts as long as the page.
  }
}

function asTheme(text: string | null): ThemeChoice {
  return text === "light" || text === "dark" ? text : "system";
}

export const themeChoice = signal<ThemeChoice>(asTheme(read("theme")));

/** Choose the colours of the page; public/theme.js shows them, now and before the first paint. */
export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.value = choice;
  write("theme", choice === "system" ? null : choice);
  document.documentElement.dataset.themeChoice = choice;
  document.dispatchEvent(new Event("maru:theme"));
}

export const folded = signal<ReadonlySet<string>>(new Set((read("folded") ?? "").split(",").filter(Boolean)));

/** Fold or unfold a section of the sidebar. */
export function toggleFolded(section: string): void {
  const next = new Set(folded.value);
  if (!next.delete(section)) next.add(section);
  folded.value = next;
  write("folded", [...next].join(","));
}

/** The language that this user has chosen here and the server does not know yet. */
export function keptLanguage(user: number): "en" | "ko" | null {
  const found = read(`language.${user}`);
  return found === "en" || found === "ko" ? found : null;
}

/** Keep a choice until the server knows it, so that a reload in between does not lose it. */
export function keepLanguage(user: number, language: "en" | "ko"): void {
  write(`language.${user}`, language);
}

/** Let go of a language that the server knows now; one that was chosen since stays. */
export function forgetLanguage(user: number, language: "en" | "ko"): void {
  if (keptLanguage(user) === language) write(`language.${user}`, null);
}

/** The room that was open last, by this user in this browser. */
export function lastRoom(user: number): number | null {
  const found = Number(read(`last.${user}`));
  return Number.isSafeInteger(found) && found > 0 ? found : null;
}

/** Remember the room that is open. */
export function rememberRoom(user: number, room: number): void {
  write(`last.${user}`, String(room));
}

// Which rooms hold a draft; the texts stand in the storage, one key a place.
export const drafted = signal<ReadonlySet<string>>(new Set());

/** Read which drafts exist; once, at the start. */
export function startDrafts(user: number): void {
  const prefix = `maru.draft.${user}.`;
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    drafted.value = new Set(keys.map((key) => key.slice(prefix.length)));
  } catch {
    drafted.value = new Set();
  }
}

/** The text that was not sent from a place ("12", or "12.77" for a thread). */
export function draftOf(user: number, place: string): string {
  return read(`draft.${user}.${place}`) ?? "";
}

/** Keep the text that is not sent yet; an empty one is forgotten. */
export function keepDraft(user: number, place: string, text: string): void {
  const isKept = text.trim() !== "";
  write(`draft.${user}.${place}`, isKept ? text : null);
  if (drafted.value.has(place) === isKept) return;
  const next = new Set(drafted.value);
  if (isKept) next.add(place);
  else next.delete(place);
  drafted.value = next;
}
