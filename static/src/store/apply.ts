// (state, input) -> state, and nothing else: no clock, no network, no screen. Any order and any repetition of
// frames, together with what is read again, ends in the same state.
import type { Change, NotificationLevel, Thread as ThreadShape } from "../protocol";
import { ask, put, receive } from "./changes";
import { putBack, readTo } from "./counts";
import type { Input } from "./inputs";
import { restored } from "./kept";
import { hush, listed, notListed, ring, savedListed } from "./later";
import { learn, present } from "./people";
import { behindOf, enter, leave, resumed, told } from "./rooms";
import { listedSeen, readFurther } from "./seen";
import type { Link, Pending, Room, State } from "./state";
import { showThreads, threadChanged, threadRead, threadsListed } from "./threads";
import { cutAround, join, NOTHING_NOTED } from "./timeline";

export type { Input } from "./inputs";

/** Somebody who does not say again that they type has stopped. */
export const TYPING_EXPIRES_MS = 6_000;

/** Turn one input into the next state. `now` is only used to forget who was typing. */
export function apply(state: State, input: Input, now: number): State {
  switch (input.type) {
    case "hello":
      return learn({ ...state, me: input.user, synced: false, degraded: partsIn(input, "degraded") }, [
        input.user,
      ]);
    case "local.kept":
      return restored(state, input.kept);
    case "local.resumed":
      // Chosen elsewhere meanwhile: asked for again where it is shown.
      return { ...resumed(state, input.result), votes: new Map(), seen: new Map() };
    case "synced":
      return { ...state, synced: true, link: { kind: "online" } };
    case "message.posted":
    case "message.edited":
    case "message.deleted":
    case "message.expired":
    case "reaction.added":
    case "reaction.removed":
    case "preview.attached":
    case "preview.removed":
    case "attachment.ready":
    case "poll.voted":
    case "poll.closed":
    case "message.pinned":
    case "message.unpinned":
    case "quote.withdrawn":
    case "member.joined":
    case "member.left":
    case "member.changed":
    case "room.changed":
      return catchingUp(receive(state, input));
    case "typing":
      return typing(state, input.room, input.user, input.is_typing ? now + TYPING_EXPIRES_MS : null);
    case "presence":
      return present(state, input.user, input.status);
    case "user.changed":
      return learn(state, [input.user]);
    case "me.changed":
      return learn({ ...state, me: { ...input.user, status: state.me.status } }, [input.user]);
    case "read":
      return read(state, input.room, input.msg_no, input.backs);
    case "local.read":
      return read(state, input.room, input.msgNo, null);
    case "seen":
      return readFurther(state, input.room, input.readers);
    case "local.seen":
      return listedSeen(state, input.room, input.readers);
    case "level":
      return levelled(state, input.room, input.level);
    case "room.opened":
      return told(learn(state, input.users), input.room);
    case "room.closed":
      return leave(state, input.room);
    case "local.room":
      return told(state, input.room);
    case "local.stranger":
      return leave({ ...state, ask: new Set([...state.ask].filter((id) => id !== input.room)) }, input.room);
    case "local.entered":
      return enter(state, input.room);
    case "local.hidden":
      return { ...state, hidden: input.hidden };
    case "local.link":
      return linked(state, input.link);
    case "local.loading":
      return timelineOf(state, input.room, (timeline) => ({
        ...timeline,
        loading: input.which,
        failed: false,
        ...NOTHING_NOTED,
      }));
    case "local.load_failed":
      return timelineOf(state, input.room, (timeline) => ({
        ...timeline,
        loading: "no",
        failed: true,
        ...NOTHING_NOTED,
      }));
    case "local.page": {
      const joined = timelineOf(state, input.room, (timeline) => join(timeline, input));
      const mine = input.items.filter((item) => item.sender.id === state.me.id);
      const met = learn(
        joined,
        input.items.map((item) => item.sender),
      );
      return stored(
        met,
        mine.map((item) => item.client_message_id),
      );
    }
    case "local.looked":
      return timelineOf(state, input.room, (timeline) => cutAround(timeline, input.seq));
    case "local.pending":
      return pending(state, input.pending);
    case "local.stored":
      return noteStored(state, input.clientMessageId, input.seq);
    case "local.discarded":
      return stored(state, [input.clientMessageId]);
    case "local.members":
      return members(state, input.room, input.members);
    case "local.users":
      return learn(state, input.users);
    case "local.me":
      return learn({ ...state, me: input.me }, [input.me]);
    case "local.thread":
      return shownInThread({ ...state, thread: input.thread });
    case "vote":
      return chosen(state, input.poll, input.choices);
    case "local.vote":
      return chosen(state, input.message, input.choices);
    case "thread.changed":
      return threadChanged(state, input);
    case "local.threads":
      return threadsListed(state, input.items);
    case "local.threads_failed":
      return { ...state, threads: { ...state.threads, failed: true } };
    case "local.thread_read":
      return threadRead(state, input.message, input.seq);
    case "local.threads_shown":
      return shownInPage(showThreads(state, input.items, input.isMore), input.items);
    case "local.scheduled":
      return listed(state, "scheduled", input.items);
    case "local.reminders":
      return listed(state, "reminders", input.items);
    case "local.saved":
      return savedListed(state, input.messages);
    case "local.later_failed":
      return notListed(state, input.list);
    case "reminder.due":
      return ring(state, input.reminder);
    case "local.hushed":
      return hush(state, input.reminder);
    case "local.sidebar":
      return { ...state, sidebar: input.sidebar };
    case "local.tick":
      return expire(state, now);
    default:
      // reply, pong, bye are between net/ and the server. A newer server has changes that nobody here knows: they
      // still take their place in the order.
      if (isChange(input)) return catchingUp(receive(state, input));
      return (input as { type: string }).type === "degraded"
        ? { ...state, degraded: partsIn(input, "parts") }
        : state;
  }
}

function isChange(input: object): input is Change {
  return "room" in input && Number.isInteger(input.room) && "seq" in input && Number.isInteger(input.seq);
}

/** A server that does without nothing may leave the list out. */
function partsIn(frame: object, field: string): readonly string[] {
  const parts = (frame as Record<string, unknown>)[field];
  return Array.isArray(parts) ? parts.filter((part) => typeof part === "string") : [];
}

function linked(state: State, link: Link): State {
  // The wire holds after all; whether anything is missing is known here.
  if (link.kind === "online" && !state.synced)
    return { ...state, link: { kind: "catching_up", missing: behindOf(state.rooms) } };
  const isDown = link.kind === "reconnecting" || link.kind === "stopped";
  // What the next server does without, it says itself.
  return { ...state, link, degraded: isDown ? [] : state.degraded };
}

function catchingUp(state: State): State {
  if (state.link.kind !== "catching_up") return state;
  const missing = behindOf(state.rooms);
  return missing === state.link.missing ? state : { ...state, link: { kind: "catching_up", missing } };
}

/** `backs`: how often the mark had been put back when that was said; null: as often as is known here. */
function read(state: State, id: number, msgNo: number, backs: number | null): State {
  const found = state.rooms.get(id);
  if (!found) return state;
  const known = found.state.read_backs;
  if (backs !== null && backs < known) return state;
  if (backs !== null && backs > known) return ask(put(state, putBack(found, msgNo, backs)), id);
  const { room, isUnsure } = readTo(found, msgNo);
  if (room === found) return state;
  return isUnsure ? ask(put(state, room), id) : put(state, room);
}

function levelled(state: State, id: number, level: NotificationLevel): State {
  const room = state.rooms.get(id);
  return room ? put(state, { ...room, state: { ...room.state, level } }) : state;
}

function typing(state: State, id: number, user: number, expiresAt: number | null): State {
  const room = state.rooms.get(id);
  if (!room || user === state.me.id) return state;
  if (expiresAt === null && !room.typing.has(user)) return state;
  const next = new Map(room.typing);
  if (expiresAt === null) next.delete(user);
  else next.set(user, expiresAt);
  return put(state, { ...room, typing: next });
}

function expire(state: State, now: number): State {
  let next = state;
  for (const room of state.rooms.values()) {
    const left = [...room.typing].filter(([, expiresAt]) => expiresAt > now);
    if (left.length < room.typing.size) next = put(next, { ...room, typing: new Map(left) });
  }
  return next;
}

function timelineOf(
  state: State,
  id: number,
  change: (timeline: Room["timeline"]) => Room["timeline"],
): State {
  const room = state.rooms.get(id);
  return room ? put(state, { ...room, timeline: change(room.timeline) }) : state;
}

function shownInThread(state: State): State {
  const mine = state.thread?.replies.filter((reply) => reply.sender.id === state.me.id) ?? [];
  return mine.length > 0
    ? stored(
        state,
        mine.map((reply) => reply.client_message_id),
      )
    : state;
}

function chosen(state: State, message: number, choices: readonly number[]): State {
  return { ...state, votes: new Map(state.votes).set(message, choices) };
}

function shownInPage(state: State, items: readonly ThreadShape[] | null): State {
  const said = items?.flatMap(({ first, replies }) => [first, ...replies]) ?? [];
  const mine = said.filter(({ sender }) => sender.id === state.me.id);
  const met = learn(
    state,
    said.map(({ sender }) => sender),
  );
  return stored(
    met,
    mine.map((message) => message.client_message_id),
  );
}

/** A try whose answer was lost stands in the room already: it is not shown beside itself. */
function isShown(state: State, { room, clientMessageId }: Pending): boolean {
  const { messages } = state.rooms.get(room)?.timeline ?? { messages: [] };
  const replies = state.thread?.room === room ? state.thread.replies : [];
  return [...messages, ...replies].some(
    (message) => message.client_message_id === clientMessageId && message.sender.id === state.me.id,
  );
}

function pending(state: State, item: Pending): State {
  if (isShown(state, item)) return stored(state, [item.clientMessageId]);
  const at = state.pending.findIndex((other) => other.clientMessageId === item.clientMessageId);
  if (at >= 0) return { ...state, pending: state.pending.with(at, item) };
  const next = [...state.pending, item].sort((a, b) => a.createdAt - b.createdAt);
  return { ...state, pending: next };
}

function noteStored(state: State, clientMessageId: string, seq: number): State {
  const item = state.pending.find((other) => other.clientMessageId === clientMessageId);
  if (!item) return state;
  const room = state.rooms.get(item.room);
  if (room && room.cursor >= seq) return stored(state, [clientMessageId]);
  return pending(state, { ...item, status: "sending", error: null, storedSeq: seq });
}

function stored(state: State, ids: readonly (string | null)[]): State {
  const left = state.pending.filter((item) => !ids.includes(item.clientMessageId));
  return left.length === state.pending.length ? state : { ...state, pending: left };
}

function members(state: State, id: number, list: Room["members"]): State {
  const room = state.rooms.get(id);
  if (!room || !list) return state;
  return learn(
    put(state, { ...room, members: list }),
    list.map((member) => member.user),
  );
}
