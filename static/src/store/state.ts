// The page's whole state: plain data, no DOM, no network. `store/apply.ts` turns (state, input) into the next state.
import type { Change, Me, Member, Message, RoomState, Sidebar, User } from "../protocol";
import { type Later, NOTHING_LATER } from "./later";
import type { Seen } from "./seen";
import { NO_THREADS, type Threads } from "./threads";
import type { SentFile } from "./uploads";

/** What the state line tells, honestly. */
export type Link =
  | { kind: "connecting" }
  | { kind: "catching_up"; missing: number }
  | { kind: "online" }
  | { kind: "reconnecting"; attempt: number; retryAt: number; code: number }
  | { kind: "offline" }
  | { kind: "stopped"; code: number };

/** What can be chosen under a message that is still to be sent. */
export interface NewPoll {
  options: string[];
  multiple: boolean;
  anonymous: boolean;
  closes_at: string | null;
}

/** What a message of mine quotes, as far as it is shown until the server has it. */
export interface Quoted {
  message: number;
  room: number;
  name: string;
  text: string;
}

/** A message of mine that is not stored yet. Lives in the outbox (IndexedDB) and survives a reload. */
export interface Pending {
  clientMessageId: string;
  room: number;
  body: string;
  parent: number | null;
  /** A reply that is said to the room too. */
  alsoInRoom?: boolean;
  poll?: NewPoll | null;
  files: readonly SentFile[];
  quote?: Quoted | null;
  createdAt: number;
  status: "waiting" | "sending" | "failed";
  error: { code: string; detail: string } | null;
  /** Set once the server has stored it; it leaves the list when the room's cursor passes this seq. */
  storedSeq: number | null;
}

/** A run of messages of one room without holes, seq ascending, and what lies beyond its ends. */
export interface Timeline {
  messages: readonly Message[];
  /** False until a first page has come: an empty list then means "not known", not "nothing there". */
  loaded: boolean;
  hasBefore: boolean;
  hasAfter: boolean;
  loading: "no" | "before" | "after" | "around" | "newest";
  failed: boolean;
  /** Set when the room could not be replayed: what is older than the newest page is not joined silently. */
  gapBeforeSeq: number | null;
  /** The room could not be replayed and the newest page has not come yet: what is shown is old. */
  stale: boolean;
  /** From the last visit, out of this browser's own store: shown until the room itself comes, and always stale. */
  kept: boolean;
  /** Changes of messages that came while a page was on its way, by id: they win over the page. */
  fresh: ReadonlyMap<number, Message>;
  /** Messages that expired while a page was on its way, by id: they are left out of it. */
  removed: ReadonlySet<number>;
}

/** Unread messages that name me: `count` of them up to `upTo` are known from the server only, the rest one by one. */
export interface Mentions {
  count: number;
  upTo: number;
  known: ReadonlySet<number>; // msg_no
}

export interface Room {
  /** `last_seq` is the highest seq heard of; `unread` and `mentions` are derived here after every input. */
  state: RoomState;
  /** Last seq applied; the cursor for resume. Behind `state.last_seq` while something is missing. */
  cursor: number;
  /** The server's `state` told everything up to here: a replay below it must not count twice. */
  countedTo: number;
  mentions: Mentions;
  /** Changes that arrived before an earlier one, by seq. */
  held: ReadonlyMap<number, Change>;
  timeline: Timeline;
  /** msg_no that was read when the room was entered: the "new since you were here" line stands after it. */
  newLineAfter: number | null;
  /** I have put the mark back since I came here: to look at it is not to have read it. */
  isKeptUnread: boolean;
  /** Counts what has happened to pins, so that who shows them reads them again. */
  pinNews: number;
  /** Counts who came, went or became something else, for whoever shows them. */
  memberNews: number;
  typing: ReadonlyMap<number, number>; // user -> expires at (ms)
  members: readonly Member[] | null; // loaded on demand
}

/** The open thread: its first message and the answers, oldest first. */
export interface Thread {
  root: number;
  room: number;
  first: Message | null;
  replies: readonly Message[];
  loading: boolean;
  failed: boolean;
}

export interface State {
  me: Me;
  epoch: string | null;
  link: Link;
  synced: boolean;
  /** What the server does without at the moment: "db", "redis". */
  degraded: readonly string[];
  /** The page is in a background tab. */
  hidden: boolean;
  users: ReadonlyMap<number, User>;
  rooms: ReadonlyMap<number, Room>;
  pending: readonly Pending[]; // oldest first
  openRoom: number | null;
  thread: Thread | null;
  threads: Threads;
  /** Rooms whose state must be read again: unknown ones that sent a change, and counts that cannot be derived. */
  ask: ReadonlySet<number>;
  later: Later;
  /** When what is shown was last true, in ms, as long as it is from the last visit. */
  keptAt: number | null;
  /** What I have chosen in polls, by message, where that is known; read again after each connection. */
  votes: ReadonlyMap<number, readonly number[]>;
  /** How I have arranged the left column; null until it was read. */
  sidebar: Sidebar | null;
  /** How far the others have read in small rooms that were looked at since this connection. */
  seen: ReadonlyMap<number, Seen>;
}

export const EMPTY_TIMELINE: Timeline = {
  messages: [],
  loaded: false,
  hasBefore: true,
  hasAfter: true,
  loading: "no",
  failed: false,
  gapBeforeSeq: null,
  stale: false,
  kept: false,
  fresh: new Map(),
  removed: new Set(),
};

/** The state before the first frame. */
export function emptyState(me: Me): State {
  return {
    me,
    epoch: null,
    link: { kind: "connecting" },
    synced: false,
    degraded: [],
    hidden: false,
    users: new Map([[me.id, me]]),
    rooms: new Map(),
    pending: [],
    openRoom: null,
    thread: null,
    threads: NO_THREADS,
    ask: new Set(),
    later: NOTHING_LATER,
    keptAt: null,
    votes: new Map(),
    sidebar: null,
    seen: new Map(),
  };
}
