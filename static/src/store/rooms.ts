// Rooms come, are taken up again, are entered and left.
import type { RoomState } from "../protocol";
import { derived, mentionsOf } from "./counts";
import type { ResumeResult } from "./inputs";
import { relearn } from "./people";
import { EMPTY_TIMELINE, type Room, type State } from "./state";
import { trim } from "./timeline";

/** Begin a room from a snapshot of it. */
export function fresh(state: RoomState): Room {
  return {
    state,
    cursor: state.last_seq,
    countedTo: state.last_seq,
    mentions: mentionsOf(state),
    held: new Map(),
    timeline: EMPTY_TIMELINE,
    newLineAfter: null,
    isKeptUnread: false,
    pinNews: 0,
    memberNews: 0,
    typing: new Map(),
    members: null,
  };
}

/** Take up the answer to `resume`: the rooms are exactly these; what is reset is read anew. */
export function resumed(state: State, result: ResumeResult): State {
  const isOther = state.epoch !== null && state.epoch !== result.epoch;
  const reset = new Set(result.reset);
  const rooms = new Map<number, Room>();
  for (const told of result.rooms) {
    const known = state.rooms.get(told.id);
    if (!known) rooms.set(told.id, entered(fresh(told), state.openRoom));
    else if (isOther || reset.has(told.id)) rooms.set(told.id, restarted(known, told));
    else if (holdsRun(known)) rooms.set(told.id, adopt(known, told));
    else rooms.set(told.id, adoptAnew(known, told, state.openRoom));
  }
  const pending = state.pending.filter(({ room, storedSeq }) => {
    const now = rooms.get(room);
    return storedSeq === null || !now || storedSeq > now.cursor;
  });
  const missing = behindOf(rooms);
  const unsure = result.rooms
    .filter((room) => isUnsure(state.rooms.get(room.id), room))
    .map((room) => room.id);
  const next: State = {
    ...state,
    epoch: result.epoch,
    rooms,
    pending,
    synced: false,
    keptAt: null,
    ask: new Set(unsure),
  };
  return relearn(missing > 0 ? { ...next, link: { kind: "catching_up", missing } } : next, result.users);
}

/** Take a room as the server tells it; changes that are still missing follow. */
export function told(state: State, room: RoomState): State {
  const known = state.rooms.get(room.id);
  if (known && room.last_seq < known.cursor) return state; // told before what is already known
  const ask = new Set(state.ask);
  if (!isUnsure(known, room)) ask.delete(room.id);
  if (room.role === null) return known ? leave({ ...state, ask }, room.id) : { ...state, ask };
  const next = known ? adopt(known, room) : entered(fresh(room), state.openRoom);
  return { ...state, ask, rooms: new Map(state.rooms).set(room.id, next) };
}

/** Forget a room that I am no longer in, with what I had written for it. */
export function leave(state: State, id: number): State {
  if (!state.rooms.has(id)) return state;
  const rooms = new Map(state.rooms);
  rooms.delete(id);
  const thread = state.thread?.room === id ? null : state.thread;
  return { ...state, rooms, thread };
}

/** Go into a room (or out of all): the line of new messages is drawn where I stopped reading. */
export function enter(state: State, id: number | null): State {
  if (id === state.openRoom) return state;
  const rooms = new Map(state.rooms);
  const before = state.openRoom === null ? undefined : rooms.get(state.openRoom);
  if (before) rooms.set(before.state.id, { ...before, newLineAfter: null, timeline: trim(before.timeline) });
  const now = id === null ? undefined : rooms.get(id);
  if (now) rooms.set(now.state.id, entered(now, id));
  const thread = state.thread && state.thread.room === id ? state.thread : null;
  return { ...state, rooms, openRoom: id, thread };
}

/** The cursors to resume with: of rooms whose messages are here, the open one first; the rest begin anew. */
export function cursors(state: State, atMost: number): Record<string, number> {
  const held = [...state.rooms.values()].filter(holdsRun);
  held.sort((a, b) => Number(b.state.id === state.openRoom) - Number(a.state.id === state.openRoom));
  return Object.fromEntries(held.slice(0, atMost).map((room) => [room.state.id, room.cursor]));
}

/** How many changes are known to exist and are not here. */
export function behindOf(rooms: ReadonlyMap<number, Room>): number {
  let missing = 0;
  for (const room of rooms.values()) missing += Math.max(0, room.state.last_seq - room.cursor);
  return missing;
}

function entered(room: Room, openRoom: number | null): Room {
  if (room.state.id !== openRoom) return room;
  return {
    ...room,
    isKeptUnread: false,
    newLineAfter: room.state.unread > 0 ? room.state.read_msg_no : null,
  };
}

function holdsRun(room: Room): boolean {
  return room.timeline.loaded && !room.timeline.stale;
}

/** Read further here than the server knew, and it still counts mentions: which of them, only it can tell. */
function isUnsure(known: Room | undefined, told: RoomState): boolean {
  if (!known || known.state.read_backs !== told.read_backs) return false;
  const read = known.state.read_msg_no;
  return told.mentions > 0 && read > told.read_msg_no && read < told.last_msg_no;
}

function adopt(known: Room, state: RoomState): Room {
  const backs = Math.max(known.state.read_backs, state.read_backs);
  // Of two marks the one counts that was put back more often, and of those the higher one.
  const marks = [known.state, state].filter(({ read_backs }) => read_backs === backs);
  const read = Math.max(...marks.map(({ read_msg_no }) => read_msg_no));
  const last = Math.max(known.state.last_seq, state.last_seq);
  // Read here and not yet told to the server: what it still counts has been seen.
  const mentions = mentionsOf(read >= state.last_msg_no ? { ...state, mentions: 0 } : state);
  const next: Room = {
    ...known,
    state: { ...state, last_seq: last, read_msg_no: read, read_backs: backs },
    mentions,
    // Put back on another device while this one did not hear.
    isKeptUnread: known.isKeptUnread || state.read_backs > known.state.read_backs,
    pinNews: known.pinNews + 1,
    typing: new Map(),
  };
  return derived({ ...next, countedTo: Math.max(known.countedTo, state.last_seq) });
}

/** What is here of the room is of no use for a replay: it begins where the server is. */
function adoptAnew(known: Room, told: RoomState, openRoom: number | null): Room {
  const next: Room = { ...adopt(known, told), cursor: told.last_seq, held: new Map() };
  // Entered with what this browser remembered: where reading had stopped is only known now.
  return known.timeline.kept ? entered(next, openRoom) : next;
}

function restarted(known: Room, state: RoomState): Room {
  const timeline = known.timeline.loaded
    ? {
        ...EMPTY_TIMELINE,
        messages: known.timeline.messages,
        loaded: true,
        stale: true,
        kept: known.timeline.kept,
      }
    : EMPTY_TIMELINE;
  return { ...fresh(state), timeline, newLineAfter: known.newLineAfter };
}
