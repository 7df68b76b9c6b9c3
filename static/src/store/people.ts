// Who is who: the newest name of everybody seen, and who is online.
import type { Doing, Message, PresenceStatus, Sender, User } from "../protocol";
import type { Room, State } from "./state";

/** Remember people; who comes without a status keeps the known one. */
export function learn(state: State, people: readonly (User | Sender)[]): State {
  const merged = people.map((person) => withStatus(state.users.get(person.id), person));
  const news = merged.filter((user) => !isSame(state.users.get(user.id), user));
  if (news.length === 0) return state;
  const users = new Map(state.users);
  for (const user of news) users.set(user.id, user);
  return renamed({ ...state, users }, state.users, news);
}

/** Take people as a snapshot tells them: whoever is not said to be online any more is not. */
export function relearn(state: State, people: readonly User[]): State {
  const users = new Map(state.users);
  for (const user of people) users.set(user.id, user);
  return renamed({ ...state, users }, state.users, people);
}

/** Note who came or went. */
export function present(state: State, id: number, status: PresenceStatus): State {
  const user = state.users.get(id);
  if (!user || user.status === status) return state;
  return { ...state, users: new Map(state.users).set(id, { ...user, status }) };
}

/** Give what is on the page its people's new names; also an account that was erased is nobody's at once. */
function renamed(state: State, before: ReadonlyMap<number, User>, people: readonly User[]): State {
  const changed = new Map<number, Sender>();
  for (const { id, handle, name, avatar, is_bot } of people) {
    const known = before.get(id);
    if (known && (known.name !== name || known.handle !== handle || known.avatar !== avatar))
      changed.set(id, { id, handle, name, avatar, is_bot });
  }
  if (changed.size === 0) return state;
  const named = (message: Message): Message => {
    const sender = changed.get(message.sender.id);
    return sender ? { ...message, sender } : message;
  };
  const rooms = new Map<number, Room>();
  for (const [id, room] of state.rooms) {
    const { messages, fresh } = room.timeline;
    const timeline = {
      ...room.timeline,
      messages: messages.map(named),
      fresh: new Map([...fresh].map(([key, message]) => [key, named(message)])),
    };
    rooms.set(id, { ...room, timeline });
  }
  const { thread } = state;
  if (!thread) return { ...state, rooms };
  const first = thread.first && named(thread.first);
  return { ...state, rooms, thread: { ...thread, first, replies: thread.replies.map(named) } };
}

function withStatus(
  known: User | undefined,
  { id, handle, name, avatar, is_bot, ...rest }: User | Sender,
): User {
  const told = "status" in rest && rest.status !== "unknown" ? rest.status : undefined;
  // Who is only named as the sender of a message does what is known already.
  const doing = "doing" in rest ? rest.doing : known?.doing;
  return {
    id,
    handle,
    name,
    avatar,
    is_bot,
    status: told ?? known?.status ?? "unknown",
    doing: doing ?? null,
  };
}

function isSameDoing(one: Doing | null, other: Doing | null): boolean {
  return one?.emoji === other?.emoji && one?.text === other?.text && one?.until === other?.until;
}

function isSame(known: User | undefined, user: User): boolean {
  return (
    known !== undefined &&
    known.name === user.name &&
    known.handle === user.handle &&
    known.avatar === user.avatar &&
    known.is_bot === user.is_bot &&
    isSameDoing(known.doing, user.doing) &&
    known.status === user.status
  );
}
