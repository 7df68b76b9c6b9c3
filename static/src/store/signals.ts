// The one place where the pure state meets the screen: a signal of the state and what is computed from it.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Me, RoomState } from "../protocol";
import { apply, type Input } from "./apply";
import { emptyState, type Pending, type Room, type State } from "./state";
import { unreadThreads } from "./threads";

const NOBODY: Me = {
  id: 0,
  handle: "",
  name: "",
  avatar: null,
  is_bot: false,
  status: "unknown",
  doing: null,
  role: "guest",
  email: "",
  language: "en",
  time_zone: "UTC",
  hides_reading: false,
};

export const state = signal<State>(emptyState(NOBODY));

/** Turn inputs into the next state; one update of the screen, however many inputs. */
export function dispatch(...inputs: Input[]): void {
  const now = Date.now();
  state.value = inputs.reduce((before, input) => apply(before, input, now), state.value);
}

/** Rooms by name, then direct conversations with the latest first. */
export const roomList: ReadonlySignal<readonly Room[]> = computed(() =>
  [...state.value.rooms.values()].sort((a, b) => compareRooms(a.state, b.state)),
);

export const openRoom: ReadonlySignal<Room | null> = computed(() => {
  const { openRoom: id, rooms } = state.value;
  return id === null ? null : (rooms.get(id) ?? null);
});

/** Unread messages of the rooms that are to be counted: not muted, and not for mentions alone. */
export const unreadTotal: ReadonlySignal<number> = computed(() =>
  total((room) => (room.level === "all" ? room.unread : 0)),
);
export const mentionTotal: ReadonlySignal<number> = computed(() =>
  total((room) => (room.level === "none" ? 0 : room.mentions)),
);
/** Threads that I follow with something unread in them. */
export const threadTotal: ReadonlySignal<number> = computed(() => unreadThreads(state.value).length);

/** Messages of mine in a room that are not stored yet, oldest first. */
export function pendingOf(room: number): readonly Pending[] {
  return state.value.pending.filter((pending) => pending.room === room);
}

/** Ids of the others who type in a room right now. */
export function typingIn(room: number): readonly number[] {
  return [...(state.value.rooms.get(room)?.typing.keys() ?? [])];
}

function total(count: (room: RoomState) => number): number {
  let sum = 0;
  for (const room of state.value.rooms.values()) sum += count(room.state);
  return sum;
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function compareRooms(a: RoomState, b: RoomState): number {
  const aDirect = a.kind === "direct";
  if (aDirect !== (b.kind === "direct")) return aDirect ? 1 : -1;
  if (aDirect) return (b.last_at ?? "").localeCompare(a.last_at ?? "") || b.id - a.id;
  return byName.compare(a.name, b.name) || a.id - b.id;
}
