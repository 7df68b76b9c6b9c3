// One durable change into one room: in order, once, and later ones held back until the hole before them is filled.
import type { Change, MemberChange, Message, RoomChange, User } from "../protocol";
import { derived, mention, readTo } from "./counts";
import { learn } from "./people";
import { leave } from "./rooms";
import { seenNoMore, wroteThere } from "./seen";
import type { Room, State } from "./state";
import { heardReply, lostMessages, lostReply, shownInThreads } from "./threads";
import { KEPT_COUNT, place, recount, remove, trim } from "./timeline";

/** Beyond this, changes of a room are not kept but read again in order. */
const HELD_MAX_COUNT = 1_000;

/** Take a change in whatever order it comes. */
export function receive(state: State, change: Change): State {
  const room = state.rooms.get(change.room);
  if (!room) return ask(state, change.room);
  if (change.seq <= room.cursor || room.held.has(change.seq)) return state;
  const heard = withHead(room, change.seq);
  if (change.seq > room.cursor + 1) return put(state, hold(heard, change));
  let next = applyInOrder(put(state, heard), change);
  // The hole may be filled now.
  for (;;) {
    const now = next.rooms.get(change.room);
    const following = now?.held.get(now.cursor + 1);
    if (!now || !following) return next;
    next = applyInOrder(put(next, { ...now, held: without(now.held, following.seq) }), following);
  }
}

/** Put a room in its place. */
export function put(state: State, room: Room): State {
  return { ...state, rooms: new Map(state.rooms).set(room.state.id, room) };
}

/** Note that a room's state has to be read again. */
export function ask(state: State, room: number): State {
  return state.ask.has(room) ? state : { ...state, ask: new Set(state.ask).add(room) };
}

/** Whether a message stands on the page with what was sent with it: in its room, or in the thread that is open. */
export function isShown(state: State, room: number, message: number): boolean {
  const thread = state.thread?.room === room ? state.thread : null;
  const listed = state.threads.shown?.flatMap((one) => [one.first, ...one.replies]) ?? [];
  const places = [...(state.rooms.get(room)?.timeline.messages ?? []), ...(thread?.replies ?? []), ...listed];
  const found = places.find(({ id }) => id === message) ?? (thread?.root === message ? thread.first : null);
  return found != null && found.deleted_at === null;
}

function applyInOrder(state: State, change: Change): State {
  const room = state.rooms.get(change.room)!;
  const isNews = change.seq > room.countedTo;
  const seen = put(state, { ...room, cursor: change.seq });
  switch (change.type) {
    case "message.posted":
      return posted(seen, change.room, change.message, isNews);
    case "message.edited":
      return touched(seen, change.room, change.message, isNews);
    case "message.deleted":
      return withPinNews(
        savedNoMore(touched(seen, change.room, change.message, isNews), [change.message.id]),
        change.room,
      );
    case "message.pinned":
    case "message.unpinned":
      return withPinNews(touched(seen, change.room, change.message, false), change.room);
    case "message.expired":
      return withPinNews(
        savedNoMore(expired(seen, change.room, change.messages), change.messages),
        change.room,
      );
    case "reaction.added":
    case "reaction.removed":
    case "preview.attached":
    case "preview.removed":
    case "attachment.ready":
    case "poll.voted":
    case "poll.closed":
    case "quote.withdrawn":
      return touched(seen, change.room, change.message, false);
    case "member.joined":
    case "member.left":
    case "member.changed":
      return membership(seen, change, isNews);
    case "room.changed":
      return isNews ? renamed(seen, change) : seen;
    default:
      // A newer server has more kinds: the cursor passes them, nothing else is known about them.
      return seen;
  }
}

function posted(state: State, id: number, message: Message, isNews: boolean): State {
  const before = state.rooms.get(id)!;
  const isMine = message.sender.id === state.me.id;
  const wasRead = before.state.unread === 0;
  const lastMsgNo = Math.max(before.state.last_msg_no, message.msg_no ?? 0);
  const { slow_s } = before.state;
  const isWaiting = isMine && isNews && slow_s > 0;
  let room: Room = {
    ...before,
    state: {
      ...before.state,
      last_msg_no: lastMsgNo,
      last_at: isNews ? message.at : before.state.last_at,
      slow_until: isWaiting
        ? new Date(Date.parse(message.at) + slow_s * 1_000).toISOString()
        : before.state.slow_until,
    },
    typing: without(before.typing, message.sender.id),
    timeline: withMessage(before, message, true, state.openRoom === id),
  };
  // To write in the main timeline is to have read it; the server says the same.
  if (isMine && message.msg_no !== null) room = readTo(room, message.msg_no).room;
  else if (
    state.hidden &&
    state.openRoom === id &&
    wasRead &&
    message.msg_no !== null &&
    room.newLineAfter === null
  ) {
    room = { ...room, newLineAfter: before.state.read_msg_no };
  }
  const next = wroteThere(counted(put(state, derived(room)), id, message, isNews), message);
  return inThread(heardReply(withoutPending(learn(next, [message.sender]), id, message), message), message);
}

function touched(state: State, id: number, message: Message, countsAgain: boolean): State {
  const room = state.rooms.get(id)!;
  const timeline = withMessage(room, message, false, true);
  const next = counted(put(state, { ...room, timeline }), id, message, countsAgain);
  return inThread(message.deleted_at === null ? next : lostReply(next, message), message);
}

/** What is past its time goes as if it had never been; of unread mentions among it the server knows the number. */
function expired(state: State, id: number, messages: readonly number[]): State {
  const room = state.rooms.get(id)!;
  const gone = new Set(messages);
  const next = put(state, { ...room, timeline: remove(room.timeline, gone) });
  const known = lostMessages(room.state.mentions > 0 ? ask(next, id) : next, id, gone);
  const { thread } = known;
  if (!thread || thread.room !== id) return known;
  if (gone.has(thread.root)) return { ...known, thread: null };
  const replies = thread.replies.filter((reply) => !gone.has(reply.id));
  return replies.length < thread.replies.length ? { ...known, thread: { ...thread, replies } } : known;
}

function withPinNews(state: State, id: number): State {
  const room = state.rooms.get(id)!;
  return put(state, { ...room, pinNews: room.pinNews + 1 });
}

/** What is gone is not among what I have saved. */
function savedNoMore(state: State, messages: readonly number[]): State {
  const { saved } = state.later;
  if (!saved || !messages.some((id) => saved.has(id))) return state;
  const left = [...saved].filter((id) => !messages.includes(id));
  return { ...state, later: { ...state.later, saved: new Set(left) } };
}

function counted(state: State, id: number, message: Message, isNews: boolean): State {
  if (!isNews) return state;
  const { room, isUnsure } = mention(state.rooms.get(id)!, message, state.me.id);
  const next = put(state, room);
  return isUnsure ? ask(next, id) : next;
}

function withMessage(room: Room, message: Message, isNew: boolean, isOpen: boolean): Room["timeline"] {
  let timeline = place(room.timeline, message, isNew);
  if (message.parent !== null) timeline = recount(timeline, message.parent, isNew);
  return !isOpen && timeline.messages.length >= 2 * KEPT_COUNT ? trim(timeline) : timeline;
}

function withoutPending(state: State, id: number, message: Message): State {
  const isStored = (pending: State["pending"][number]): boolean =>
    pending.room === id &&
    ((message.sender.id === state.me.id && pending.clientMessageId === message.client_message_id) ||
      (pending.storedSeq !== null && pending.storedSeq <= message.seq));
  return state.pending.some(isStored)
    ? { ...state, pending: state.pending.filter((pending) => !isStored(pending)) }
    : state;
}

function inThread(before: State, message: Message): State {
  const state = shownInThreads(before, message);
  const { thread } = state;
  if (!thread) return state;
  if (message.id === thread.root) return { ...state, thread: { ...thread, first: message } };
  if (message.parent !== thread.root) return state;
  const others = thread.replies.filter((reply) => reply.id !== message.id);
  const replies = [...others, message].sort((a, b) => a.seq - b.seq);
  return { ...state, thread: { ...thread, replies } };
}

function membership(state: State, change: MemberChange, isNews: boolean): State {
  const room = state.rooms.get(change.room)!;
  const isMe = change.user.id === state.me.id;
  if (isMe && isNews && change.type === "member.left") return leave(state, change.room);
  const roomState = {
    ...room.state,
    members: isNews ? change.members : room.state.members,
    role: isMe && isNews ? change.role : room.state.role,
    muted_until: isMe && isNews ? change.muted_until : room.state.muted_until,
  };
  const memberNews = room.memberNews + 1;
  const next: Room = { ...room, state: roomState, members: membersAfter(room, change), memberNews };
  const known = learn(put(state, next), [change.user]);
  return change.type === "member.left" ? seenNoMore(known, change.room, change.user.id) : known;
}

function membersAfter(room: Room, change: MemberChange): Room["members"] {
  if (!room.members) return null;
  const found = room.members.find((member) => member.user.id === change.user.id);
  if (change.type === "member.left") return room.members.filter((member) => member !== found);
  const member = {
    user: change.user as User,
    role: change.role,
    joined_at: found?.joined_at ?? change.at,
    muted_until: change.muted_until,
  };
  return found ? room.members.map((other) => (other === found ? member : other)) : [...room.members, member];
}

function renamed(state: State, { room: id, fields }: RoomChange): State {
  if (fields.deleted) return leave(state, id);
  const room = state.rooms.get(id)!;
  const { deleted: _, ...told } = fields;
  // A direct conversation without a name is called by its people, which its own row does not know.
  const names = room.state.peers.map((peer) => state.users.get(peer)?.name);
  const own = names.every((known) => known !== undefined) ? names.join(", ") : "";
  const name = fields.name || own || room.state.name;
  const named = fields.name !== "";
  const slow_until = waitAfter(room.state, fields.slow_s);
  const next = put(state, { ...room, state: { ...room.state, ...told, name, named, slow_until } });
  return fields.seen ? next : seenNoMore(next, id);
}

/** How long I wait still, when the room is slowed down more or less than before. */
function waitAfter({ slow_until, slow_s: before }: Room["state"], now: number): string | null {
  if (slow_until === null || now === 0) return null;
  return new Date(Date.parse(slow_until) + (now - before) * 1_000).toISOString();
}

function hold(room: Room, change: Change): Room {
  if (room.held.size >= HELD_MAX_COUNT) return room;
  return { ...room, held: new Map(room.held).set(change.seq, change) };
}

function withHead(room: Room, seq: number): Room {
  return seq <= room.state.last_seq ? room : { ...room, state: { ...room.state, last_seq: seq } };
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  if (!map.has(key)) return map;
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
