// How I have arranged the left column, and what stands where in it. Pure.
import type { Sidebar } from "../protocol";
import type { Room } from "./state";

/** A change of the arrangement; it may be carried out on another one than it was meant for. */
export type Arrangement = (before: Sidebar) => Sidebar;

export interface Part {
  id: string;
  /** Null for the parts that everybody has. */
  name: string | null;
  /** Rooms stand in it as I have put them. */
  isOrdered: boolean;
  rooms: readonly Room[];
}

export const FAVOURITES = "favourites";
export const PLAIN: Sidebar = {
  version: 0,
  favourites: [],
  sections: [],
  folded: [],
  sort: "name",
  only_unread: false,
};

/** Whether something in a room waits for me: muted ones are quiet. */
export function isWaiting({ state: { level, unread, mentions } }: Room): boolean {
  return level !== "none" && (unread > 0 || mentions > 0);
}

/** What stands where: favourites, my sections, the other rooms, the other conversations. */
export function partsOf(rooms: readonly Room[], sidebar: Sidebar, open: number | null): Part[] {
  const mine = new Map(rooms.filter(isMine).map((room) => [room.state.id, room]));
  const isShown = (room: Room): boolean => !sidebar.only_unread || isWaiting(room) || room.state.id === open;
  const placed = new Set<number>();
  const ordered = (id: string, name: string | null, ids: readonly number[]): Part => {
    const found = ids.flatMap((room) => mine.get(room) ?? []);
    for (const room of found) placed.add(room.state.id);
    return { id, name, isOrdered: true, rooms: found.filter(isShown) };
  };
  const own = [
    ordered(FAVOURITES, null, sidebar.favourites),
    ...sidebar.sections.map((section) => ordered(section.id, section.name, section.rooms)),
  ];
  const rest = [...mine.values()].filter((room) => !placed.has(room.state.id) && isShown(room));
  const directs = rest.filter(({ state }) => state.kind === "direct");
  const others = rest.filter(({ state }) => state.kind !== "direct");
  return [
    ...own,
    { id: "rooms", name: null, isOrdered: false, rooms: sorted(others, sidebar.sort) },
    { id: "directs", name: null, isOrdered: false, rooms: sorted(directs, sidebar.sort) },
  ];
}

/** The rooms that the column shows, from top to bottom; of a folded part what waits for me and what is open. */
export function columnOf(rooms: readonly Room[], sidebar: Sidebar, open: number | null): Room[] {
  return partsOf(rooms, sidebar, open).flatMap((part) =>
    sidebar.folded.includes(part.id)
      ? part.rooms.filter((room) => room.state.id === open || isWaiting(room))
      : part.rooms,
  );
}

/** In which part I have put a room; null where it stands by itself. */
export function placeOf({ favourites, sections }: Sidebar, room: number): string | null {
  if (favourites.includes(room)) return FAVOURITES;
  return sections.find((section) => section.rooms.includes(room))?.id ?? null;
}

/** Put a room into a part, before another one or at its end; null takes it out of all. */
export function moved(room: number, to: string | null, before: number | null = null): Arrangement {
  return (sidebar) => {
    const without = (rooms: readonly number[]): number[] => rooms.filter((other) => other !== room);
    const into = (id: string, rooms: readonly number[]): number[] => {
      const left = without(rooms);
      if (id !== to) return left;
      const at = before === null ? -1 : left.indexOf(before);
      return at === -1 ? [...left, room] : left.toSpliced(at, 0, room);
    };
    return {
      ...sidebar,
      favourites: into(FAVOURITES, sidebar.favourites),
      sections: sidebar.sections.map((section) => ({ ...section, rooms: into(section.id, section.rooms) })),
    };
  };
}

/** Move a room a step up or down among those of its part. */
export function stepped(room: number, step: 1 | -1): Arrangement {
  return (sidebar) => {
    const shift = (rooms: readonly number[]): number[] => swapped(rooms, rooms.indexOf(room), step);
    return {
      ...sidebar,
      favourites: shift(sidebar.favourites),
      sections: sidebar.sections.map((section) => ({ ...section, rooms: shift(section.rooms) })),
    };
  };
}

/** Make a section of mine, or give it another name. */
export function named(id: string, name: string): Arrangement {
  return (sidebar) => {
    const isKnown = sidebar.sections.some((section) => section.id === id);
    const sections = isKnown
      ? sidebar.sections.map((section) => (section.id === id ? { ...section, name } : section))
      : [...sidebar.sections, { id, name, rooms: [] }];
    return { ...sidebar, sections };
  };
}

/** Take a section away; its rooms stand where they do by themselves. */
export function removed(id: string): Arrangement {
  return (sidebar) => ({
    ...sidebar,
    sections: sidebar.sections.filter((section) => section.id !== id),
    folded: sidebar.folded.filter((other) => other !== id),
  });
}

/** Move a section of mine up or down. */
export function sectionStepped(id: string, step: 1 | -1): Arrangement {
  return (sidebar) => {
    const at = sidebar.sections.findIndex((section) => section.id === id);
    return { ...sidebar, sections: swapped(sidebar.sections, at, step) };
  };
}

/** Fold a part, or open it. */
export function foldedTo(id: string, isFolded: boolean): Arrangement {
  return (sidebar) => {
    const others = sidebar.folded.filter((other) => other !== id);
    return { ...sidebar, folded: isFolded ? [...others, id] : others };
  };
}

/** Two carried out one after the other. */
export function both(first: Arrangement, second: Arrangement): Arrangement {
  return (sidebar) => second(first(sidebar));
}

function isMine({ state: { kind, role } }: Room): boolean {
  return kind === "direct" || role !== null;
}

function swapped<T>(items: readonly T[], at: number, step: 1 | -1): T[] {
  const other = at + step;
  if (at === -1 || other < 0 || other >= items.length) return [...items];
  return items.with(at, items[other]!).with(other, items[at]!);
}

/** The rooms come by name, conversations by their last message: equals stay as they came. */
function sorted(rooms: readonly Room[], sort: Sidebar["sort"]): Room[] {
  const weight = (room: Room): number =>
    (room.state.archived ? -4 : 0) +
    (sort === "unread" && isWaiting(room) ? 1 + Math.min(1, room.state.mentions) : 0);
  const byLast = (a: Room, b: Room): number =>
    sort === "activity" ? (b.state.last_at ?? "").localeCompare(a.state.last_at ?? "") : 0;
  return [...rooms].sort((a, b) => weight(b) - weight(a) || byLast(a, b));
}
