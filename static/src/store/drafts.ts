// What I have begun to write, by place: the text, when it was written, and whether the server has it. Pure, but for the
// signal that the screen reads.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Draft } from "../protocol";

export interface DraftText {
  text: string;
  /** By the server's clock, ms. */
  at: number;
  isTold: boolean;
}

export type DraftTexts = ReadonlyMap<string, DraftText>;

export const drafts = signal<DraftTexts>(new Map());

/** The places in which something stands: "12" for a room, "12.77" for a thread. */
export const drafted: ReadonlySignal<ReadonlySet<string>> = computed(
  () => new Set([...drafts.value].filter(([, { text }]) => text.trim() !== "").map(([place]) => place)),
);

/** The name of a place. */
export function draftPlace(room: number, parent: number | null): string {
  return parent === null ? String(room) : `${room}.${parent}`;
}

/** The place that a name stands for; null for what is none. */
export function placeOfDraft(name: string): { room: number; parent: number | null } | null {
  const found = /^(\d{1,16})(?:\.(\d{1,16}))?$/.exec(name);
  return found ? { room: Number(found[1]), parent: found[2] === undefined ? null : Number(found[2]) } : null;
}

/** The last one typed here so short a time ago is being typed: nothing from elsewhere takes its place. */
export const TYPED_LATELY_MS = 30_000;

export type Taken = "same" | "theirs" | "mine";

/** Decide between what stands here and what comes from elsewhere: the last to write wins, but for who types just now. */
export function decide(mine: DraftText | undefined, theirs: Draft, now: number): Taken {
  const at = Date.parse(theirs.written_at);
  if (!mine) return theirs.body === "" ? "same" : "theirs";
  if (mine.text.trim() === theirs.body.trim() || (mine.isTold && at <= mine.at)) return "same";
  if (!mine.isTold && (at <= mine.at || now - mine.at < TYPED_LATELY_MS)) return "mine";
  return "theirs";
}
