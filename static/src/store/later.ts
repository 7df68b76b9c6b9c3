// What I have put off: messages that are sent later, and reminders. Both lists are read from the server as a whole.
import type { Reminder } from "../protocol";
import type { State } from "./state";

/** A message that waits for its time, as REST has it. */
export interface Scheduled {
  id: number;
  room: number;
  parent: number | null;
  body: string;
  due_at: string;
  time_zone: string;
  state: "waiting" | "sending" | "sent" | "failed";
  error: { code: string; detail: string } | null;
  message: number | null;
  seq: number | null;
  created_at: string;
  client_scheduled_id: string;
}

export interface Later {
  /** The messages that I have saved and am not done with; null until they have come. */
  saved: ReadonlySet<number> | null;
  /** By their time; null until the list has come. */
  scheduled: readonly Scheduled[] | null;
  reminders: readonly Reminder[] | null;
  /** Lists that could not be read; what is shown of them is old. */
  failed: ReadonlySet<LaterList>;
  /** Reminders whose time has come while I was here, and that I have not answered, oldest first. */
  ringing: readonly number[];
  /** For which of its times each has rung, so that what is said twice rings once. */
  rang: ReadonlyMap<number, string>;
}

export type LaterList = "scheduled" | "reminders" | "saved";

export const NOTHING_LATER: Later = {
  saved: null,
  scheduled: null,
  reminders: null,
  failed: new Set(),
  ringing: [],
  rang: new Map(),
};

/** What I have saved has come. */
export function savedListed(state: State, messages: readonly number[]): State {
  const failed = new Set([...state.later.failed].filter((other) => other !== "saved"));
  return { ...state, later: { ...state.later, saved: new Set(messages), failed } };
}

/** A list has come. */
export function listed(
  state: State,
  list: Exclude<LaterList, "saved">,
  items: readonly (Scheduled | Reminder)[],
): State {
  const sorted = [...items].sort((a, b) => a.due_at.localeCompare(b.due_at) || a.id - b.id);
  const failed = new Set([...state.later.failed].filter((other) => other !== list));
  return rung({ ...state, later: { ...state.later, [list]: sorted, failed } });
}

/** A list could not be read. */
export function notListed(state: State, list: LaterList): State {
  return { ...state, later: { ...state.later, failed: new Set([...state.later.failed, list]) } };
}

/** The time of a reminder has come; said twice it rings once, and after it was answered it rings no more. */
export function ring(state: State, reminder: Reminder): State {
  const { later } = state;
  if (later.rang.get(reminder.id) === reminder.due_at) return state;
  const others = later.reminders?.filter(({ id }) => id !== reminder.id) ?? [];
  const ringing = [...later.ringing.filter((id) => id !== reminder.id), reminder.id];
  const rang = new Map(later.rang).set(reminder.id, reminder.due_at);
  return listed({ ...state, later: { ...later, ringing, rang } }, "reminders", [
    ...others,
    { ...reminder, state: "due" },
  ]);
}

/** I have seen a reminder: it stays in the list and rings no more. */
export function hush(state: State, id: number): State {
  return {
    ...state,
    later: { ...state.later, ringing: state.later.ringing.filter((other) => other !== id) },
  };
}

/** How many things wait for me: reminders that are due, and messages that could not be sent. */
export function waitingForMe({ scheduled, reminders }: Later): number {
  const due = reminders?.filter((one) => one.state === "due").length ?? 0;
  return due + (scheduled?.filter((one) => one.state === "failed").length ?? 0);
}

/** What was answered on another device, or put off, does not go on ringing here. */
function rung(state: State): State {
  const { reminders, ringing, rang } = state.later;
  if (!reminders) return state;
  const known = new Map(reminders.map((one) => [one.id, one]));
  // A list may be read in the moment before the server notes that it has told.
  const left = ringing.filter((id) => known.get(id)?.due_at === rang.get(id));
  // What is no longer in the list is forgotten, so that this grows no larger than the list.
  const kept = new Map([...rang].filter(([id]) => known.has(id)));
  return { ...state, later: { ...state.later, ringing: left, rang: kept } };
}
