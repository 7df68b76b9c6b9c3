// Small choices that stay in this browser. A browser without storage forgets them and works all the same.
import { signal } from "@preact/signals";

const RECENT_MAX_COUNT = 30;

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

/** Whether the bar of formats stands above the text. */
export const showsFormats = signal(read("formats") === "on");

/** Show the bar of formats, or hide it. */
export function toggleFormats(): void {
  showsFormats.value = !showsFormats.value;
  write("formats", showsFormats.value ? "on" : null);
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
  // Read anew: another tab may have been somewhere else meanwhile.
  const others = recentRooms(user).filter((one) => one !== room);
  write(`recent.${user}`, [room, ...others].slice(0, RECENT_MAX_COUNT).join(","));
}

/** The rooms that were open last, by this user in any tab of this browser, the latest first. */
export function recentRooms(user: number): number[] {
  const found = (read(`recent.${user}`) ?? "").split(",").map(Number);
  return found.filter((room) => Number.isSafeInteger(room) && room > 0);
}

/** A choice by name; null where none was made. */
export function readChoice(name: string): string | null {
  return read(name);
}

/** Keep a choice in this browser; null forgets it. */
export function writeChoice(name: string, value: string | null): void {
  write(name, value);
}
