// Everything that can change the state: the server's frames and what happens on this side.

import type {
  Me,
  Member,
  Message,
  Reader,
  Reminder,
  RoomState,
  ServerFrame,
  Sidebar,
  Thread as ThreadShape,
  ThreadState,
  User,
} from "../protocol";
import type { Kept } from "./kept";
import type { LaterList, Scheduled } from "./later";
import type { Link, Pending, Thread, Timeline } from "./state";

/** What the server answers to `resume`. */
export interface ResumeResult {
  epoch: string;
  rooms: RoomState[];
  users: User[];
  reset: number[];
}

export type PageKind = Exclude<Timeline["loading"], "no">;

/** A page of history and the question it answers. */
export interface Page {
  type: "local.page";
  room: number;
  which: PageKind;
  /** The seq that was asked from; null for the newest page. */
  anchor: number | null;
  items: readonly Message[];
  hasBefore: boolean;
  hasAfter: boolean;
}

export type Local =
  | { type: "local.link"; link: Link }
  | { type: "local.hidden"; hidden: boolean }
  | { type: "local.kept"; kept: Kept }
  | { type: "local.resumed"; result: ResumeResult }
  | { type: "local.room"; room: RoomState }
  | { type: "local.stranger"; room: number }
  | { type: "local.entered"; room: number | null }
  | { type: "local.loading"; room: number; which: PageKind }
  | { type: "local.load_failed"; room: number }
  | Page
  | { type: "local.pending"; pending: Pending }
  | { type: "local.stored"; clientMessageId: string; seq: number }
  | { type: "local.discarded"; clientMessageId: string }
  | { type: "local.looked"; room: number; seq: number }
  | { type: "local.read"; room: number; msgNo: number }
  | { type: "local.members"; room: number; members: readonly Member[] }
  | { type: "local.seen"; room: number; readers: readonly Reader[] }
  | { type: "local.users"; users: readonly User[] }
  | { type: "local.me"; me: Me }
  | { type: "local.thread"; thread: Thread | null }
  | { type: "local.vote"; message: number; choices: readonly number[] }
  | { type: "local.threads"; items: readonly ThreadState[] }
  | { type: "local.threads_failed" }
  | { type: "local.thread_read"; message: number; seq: number }
  | { type: "local.threads_shown"; items: readonly ThreadShape[] | null; isMore: boolean }
  | { type: "local.scheduled"; items: readonly Scheduled[] }
  | { type: "local.reminders"; items: readonly Reminder[] }
  | { type: "local.saved"; messages: readonly number[] }
  | { type: "local.later_failed"; list: LaterList }
  | { type: "local.hushed"; reminder: number }
  | { type: "local.sidebar"; sidebar: Sidebar }
  | { type: "local.tick" };

export type Input = ServerFrame | Local;
