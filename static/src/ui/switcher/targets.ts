// What the quick switcher offers for what is typed: rooms and people, commands, messages. Pure.
import type { User } from "../../protocol";
import type { Room } from "../../store/state";
import { bestRank } from "../match";

export type Target<Command, Message> =
  | { kind: "room"; key: string; room: Room }
  | { kind: "person"; key: string; user: User }
  | { kind: "command"; key: string; command: Command }
  | { kind: "message"; key: string; found: Message }
  | { kind: "search"; key: string; query: string };

export type Heading = "recent" | "unread" | "rooms" | "commands" | "messages";

export interface Group<Command, Message> {
  heading: Heading;
  targets: Target<Command, Message>[];
}

export interface Wanted<Command, Message> {
  query: string;
  rooms: readonly Room[];
  people: readonly User[];
  commands: readonly Command[];
  messages: readonly Message[];
  /** Ids of rooms, the latest first. */
  recent: readonly number[];
  /** The room that is open: it is no goal. */
  current: number | null;
  roomWords: (room: Room) => readonly string[];
  commandWords: (command: Command) => readonly string[];
  commandKey: (command: Command) => string;
  messageKey: (message: Message) => number;
}

export type Scope = "all" | "rooms" | "people" | "commands";

const PLACES_COUNT = 8;
const RECENT_COUNT = 7;
const UNREAD_COUNT = 5;
const COMMANDS_COUNT = 4;
const FEW_COUNT = 3;
const SIGNS: Record<string, Scope> = { "#": "rooms", "@": "people", ">": "commands" };

/** What is meant: a sign before the words narrows it. */
export function scopeOf(typed: string): { scope: Scope; query: string } {
  const text = typed.trimStart();
  const scope = SIGNS[text[0] ?? ""];
  return scope ? { scope, query: text.slice(1).trim() } : { scope: "all", query: text.trim() };
}

/** Everything that is offered, best first in each group. */
export function groupsOf<C, M>(wanted: Wanted<C, M>): Group<C, M>[] {
  const { scope, query } = scopeOf(wanted.query);
  if (scope === "all" && query === "") return full(beginning(wanted));
  if (scope === "commands") return full([commandsOf(wanted, query, wanted.commands.length)]);
  if (scope !== "all") return full([placesOf(wanted, scope, query)]);
  const found = wanted.messages.map(
    (message): Target<C, M> => ({ kind: "message", key: `m${wanted.messageKey(message)}`, found: message }),
  );
  return full([
    placesOf(wanted, scope, query),
    commandsOf(wanted, query, COMMANDS_COUNT),
    { heading: "messages", targets: [...found, { kind: "search", key: "search", query }] },
  ]);
}

function full<C, M>(groups: Group<C, M>[]): Group<C, M>[] {
  return groups.filter(({ targets }) => targets.length > 0);
}

/** With nothing typed: where I was, then what waits for me. */
function beginning<C, M>({ rooms, recent, current }: Wanted<C, M>): Group<C, M>[] {
  const byId = new Map(rooms.map((room) => [room.state.id, room]));
  const latest = recent.flatMap((id) => (id === current ? [] : (byId.get(id) ?? []))).slice(0, RECENT_COUNT);
  const others = rooms.filter((room) => !latest.includes(room) && room.state.id !== current);
  const waiting = others
    .filter(({ state }) => state.mentions > 0 || (state.unread > 0 && state.level !== "none"))
    .sort((a, b) => Number(b.state.mentions > 0) - Number(a.state.mentions > 0))
    .slice(0, UNREAD_COUNT);
  // Whoever is new here has been nowhere yet.
  const isNew = latest.length + waiting.length < FEW_COUNT;
  const rest = isNew ? others.filter((room) => !waiting.includes(room)).slice(0, RECENT_COUNT) : [];
  return [
    { heading: "recent", targets: latest.map(roomTarget<C, M>) },
    { heading: "unread", targets: waiting.map(roomTarget<C, M>) },
    { heading: "rooms", targets: rest.map(roomTarget<C, M>) },
  ];
}

function placesOf<C, M>(wanted: Wanted<C, M>, scope: Scope, query: string): Group<C, M> {
  const { recent, current, roomWords } = wanted;
  const rooms = wanted.rooms.filter(
    ({ state: { kind } }) => scope === "all" || (kind === "direct") === (scope === "people"),
  );
  const alone = new Set(rooms.filter(isPair).map(({ state }) => state.peers[0]));
  const people = scope === "rooms" ? [] : wanted.people.filter((user) => !alone.has(user.id));
  const age = (id: number): number => {
    const at = recent.indexOf(id);
    return at === -1 ? recent.length : at;
  };
  const ranked = [
    ...rooms.map((room) => ({
      target: roomTarget<C, M>(room),
      rank: bestRank(roomWords(room), query),
      // In the open room one is already: the last of those that answer as well.
      order: [Number(room.state.id === current), age(room.state.id)],
    })),
    ...people.map((user) => ({
      target: { kind: "person", key: `u${user.id}`, user } as Target<C, M>,
      rank: bestRank([user.name, user.handle], query),
      order: [0, recent.length + 1],
    })),
  ];
  const found = ranked
    .flatMap(({ target, rank, order }, at) => (rank === null ? [] : [{ target, by: [rank, ...order, at] }]))
    .sort((a, b) => compare(a.by, b.by));
  return { heading: "rooms", targets: found.slice(0, PLACES_COUNT).map(({ target }) => target) };
}

function commandsOf<C, M>(wanted: Wanted<C, M>, query: string, count: number): Group<C, M> {
  const found = wanted.commands
    .flatMap((command, at) => {
      const rank = bestRank(wanted.commandWords(command), query);
      return rank === null ? [] : [{ command, by: [rank, at] }];
    })
    .sort((a, b) => compare(a.by, b.by))
    .slice(0, count);
  return {
    heading: "commands",
    targets: found.map(({ command }) => ({
      kind: "command",
      key: `c${wanted.commandKey(command)}`,
      command,
    })),
  };
}

function roomTarget<C, M>(room: Room): Target<C, M> {
  return { kind: "room", key: `r${room.state.id}`, room };
}

function isPair(room: Room): boolean {
  return room.state.kind === "direct" && room.state.peers.length === 1;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? 0;
    if (left !== right) return left - right;
  }
  return 0;
}
