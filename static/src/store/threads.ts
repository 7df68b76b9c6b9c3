// The threads that I follow. What is unread in them is derived: the server's count at a seq, and what came since.
import type { Message, Thread, ThreadState } from "../protocol";
import type { State } from "./state";

/** Replies that have come lately, for a list that was counted before them and comes after them. */
const HEARD_MAX_COUNT = 300;

export interface Followed {
  message: number;
  room: number;
  readSeq: number;
  lastAt: string;
  /** Unread replies of others that the server has counted, up to this seq of the room. */
  count: number;
  upTo: number;
  /** Those that came after it, by seq. */
  known: ReadonlySet<number>;
}

interface Heard {
  thread: number;
  seq: number;
}

/** A thread as the page of threads shows it; what was new when it came stays marked. */
export interface ShownThread {
  message: number;
  room: number;
  first: Message;
  replies: readonly Message[];
  readSeq: number;
}

export interface Threads {
  /** By first message; null until the list has come. */
  followed: ReadonlyMap<number, Followed> | null;
  failed: boolean;
  /** A count cannot be derived from what is known: the list is to be read again. */
  isUnsure: boolean;
  heard: readonly Heard[];
  /** The page of threads, in the order in which it came; null while nobody looks. */
  shown: readonly ShownThread[] | null;
}

export const NO_THREADS: Threads = { followed: null, failed: false, isUnsure: false, heard: [], shown: null };

/** How many unread replies a thread has. */
export function unreadOf(thread: Followed): number {
  return thread.count + thread.known.size;
}

/** The threads with something unread, but those of muted rooms. */
export function unreadThreads({ threads, rooms }: State): Followed[] {
  const all = [...(threads.followed?.values() ?? [])];
  return all.filter((one) => unreadOf(one) > 0 && (rooms.get(one.room)?.state.level ?? "none") !== "none");
}

/** The list has come; what was read here and not told yet stays read. */
export function threadsListed(state: State, items: readonly ThreadState[]): State {
  const { threads } = state;
  const followed = new Map<number, Followed>();
  for (const item of items) {
    const before = threads.followed?.get(item.message);
    const fresh = threads.heard.filter(
      ({ thread, seq }) => thread === item.message && seq > Math.max(item.counted_seq, item.read_seq),
    );
    const told: Followed = {
      message: item.message,
      room: item.room,
      readSeq: item.read_seq,
      lastAt: item.last_at,
      count: item.unread,
      upTo: item.counted_seq,
      known: new Set(fresh.map(({ seq }) => seq)),
    };
    followed.set(item.message, before ? readUpTo(told, before.readSeq).thread : told);
  }
  return { ...state, threads: { ...threads, followed, failed: false, isUnsure: false } };
}

/** My devices tell each other what I follow and have read. */
export function threadChanged(
  state: State,
  change: { thread: number; is_followed: boolean; read_seq: number },
): State {
  const { followed } = state.threads;
  // The list is on its way, and may have been read before this.
  if (!followed) return unsure(state);
  const known = followed.get(change.thread);
  if (!change.is_followed) {
    if (!known) return state;
    const left = new Map(followed);
    left.delete(change.thread);
    return { ...state, threads: { ...state.threads, followed: left } };
  }
  return known ? threadRead(state, change.thread, change.read_seq) : unsure(state);
}

/** I have read a thread up to a reply. */
export function threadRead(state: State, message: number, seq: number): State {
  const known = state.threads.followed?.get(message);
  if (!known) return state;
  const { thread, isUnsure } = readUpTo(known, seq);
  if (thread === known) return state;
  const next = put(state, thread);
  return isUnsure ? unsure(next) : next;
}

/** A message was posted: a reply counts in its thread, and my own says that I follow and have read it. */
export function heardReply(state: State, message: Message): State {
  const { parent, seq, room } = message;
  if (parent === null) return state;
  if (message.sender.id === state.me.id) {
    const known = state.threads.followed?.get(parent);
    if (known) return threadRead(put(state, { ...known, lastAt: message.at }), parent, seq);
    if (!state.threads.followed) return unsure(state);
    return put(state, {
      message: parent,
      room,
      readSeq: seq,
      lastAt: message.at,
      count: 0,
      upTo: seq,
      known: new Set(),
    });
  }
  const heard = [...state.threads.heard, { thread: parent, seq }].slice(-HEARD_MAX_COUNT);
  const next = { ...state, threads: { ...state.threads, heard } };
  const known = next.threads.followed?.get(parent);
  if (!known || seq <= Math.max(known.upTo, known.readSeq) || known.known.has(seq)) return next;
  return put(next, { ...known, lastAt: message.at, known: new Set(known.known).add(seq) });
}

/** A reply was deleted: it is unread no more. */
export function lostReply(state: State, message: Message): State {
  const { parent, seq } = message;
  if (parent === null) return state;
  const heard = state.threads.heard.filter((one) => one.seq !== seq || one.thread !== parent);
  const next =
    heard.length < state.threads.heard.length ? { ...state, threads: { ...state.threads, heard } } : state;
  const known = next.threads.followed?.get(parent);
  if (!known) return next;
  if (known.known.has(seq)) {
    const left = new Set(known.known);
    left.delete(seq);
    return put(next, { ...known, known: left });
  }
  // Whether the server's figure holds it is not known here.
  return known.count > 0 && seq > known.readSeq ? unsure(next) : next;
}

/** Messages of a room are gone, and with them threads, or what is unread in them. */
export function lostMessages(state: State, room: number, gone: ReadonlySet<number>): State {
  const { followed, shown } = state.threads;
  const next = shown
    ? {
        ...state,
        threads: {
          ...state.threads,
          shown: shown
            .filter(({ message }) => !gone.has(message))
            .map((one) => ({ ...one, replies: one.replies.filter(({ id }) => !gone.has(id)) })),
        },
      }
    : state;
  const isTouched = [...(followed?.values() ?? [])].some((one) => one.room === room);
  return isTouched ? unsure(next) : next;
}

/** Show a message as it is now wherever the page of threads has it. */
export function shownInThreads(state: State, message: Message): State {
  const { shown } = state.threads;
  if (!shown?.some((one) => one.message === (message.parent ?? message.id))) return state;
  const next = shown.map((one) => {
    if (one.message === message.id) return { ...one, first: message };
    if (one.message !== message.parent) return one;
    const others = one.replies.filter(({ id }) => id !== message.id);
    // Older than what is shown: it stands above, behind the link to the whole thread.
    if (others.length === one.replies.length && message.seq < (one.replies[0]?.seq ?? 0)) return one;
    return { ...one, replies: [...others, message].sort((a, b) => a.seq - b.seq) };
  });
  return { ...state, threads: { ...state.threads, shown: next } };
}

/** Show pages of threads: as the first ones, or behind those that are there. */
export function showThreads(state: State, items: readonly Thread[] | null, isMore: boolean): State {
  if (items === null) return { ...state, threads: { ...state.threads, shown: null } };
  const before = isMore ? (state.threads.shown ?? []) : [];
  const known = new Set(before.map(({ message }) => message));
  const more = items
    .filter(({ message }) => !known.has(message))
    .map(({ message, room, first, replies, read_seq }) => ({
      message,
      room,
      first,
      replies,
      readSeq: read_seq,
    }));
  return { ...state, threads: { ...state.threads, shown: [...before, ...more] } };
}

function readUpTo(thread: Followed, seq: number): { thread: Followed; isUnsure: boolean } {
  if (seq <= thread.readSeq) return { thread, isUnsure: false };
  const isPast = seq >= thread.upTo;
  const known = new Set([...thread.known].filter((one) => one > seq));
  const next = { ...thread, readSeq: seq, count: isPast ? 0 : thread.count, known };
  return { thread: next, isUnsure: !isPast && thread.count > 0 };
}

function put(state: State, thread: Followed): State {
  const followed = new Map(state.threads.followed ?? []).set(thread.message, thread);
  return { ...state, threads: { ...state.threads, followed } };
}

function unsure(state: State): State {
  return state.threads.isUnsure ? state : { ...state, threads: { ...state.threads, isUnsure: true } };
}
