// How long messages are kept, what is held, and the end of an account.
import type { Api } from "./api";

export interface Hold {
  by: number | null;
  at: string;
}

export interface Retention {
  /** Null: for ever. */
  days: number | null;
  hold: Hold | null;
}

export type Keep = "workspace" | "forever" | "days";

export interface RoomRetention {
  room: number;
  keep: Keep;
  /** What holds, whoever says so; null where everything is kept. */
  days: number | null;
  hold: Hold | null;
  /** Counts the hold of the workspace too. */
  is_held: boolean;
}

/** What would go in a room if it went now. */
export interface Going {
  room: number;
  name: string;
  kind: "open" | "closed" | "direct";
  days: number | null;
  is_held: boolean;
  messages: number;
  files: number;
  /** Of texts. */
  bytes: number;
  file_bytes: number | null;
}

export interface GoingPage {
  items: Going[];
  next: string | null;
}

export type ErasedMessages = "keep" | "remove";

export interface KeepingActions {
  retention(): Promise<Retention>;
  setRetention(days: number | null): Promise<Retention>;
  holdWorkspace(on: boolean): Promise<Retention>;
  roomRetention(room: number): Promise<RoomRetention>;
  setRoomRetention(room: number, keep: Keep, days: number | null): Promise<RoomRetention>;
  holdRoom(room: number, on: boolean): Promise<RoomRetention>;
  /** The next rooms in which something would go. */
  going(cursor: string | null): Promise<GoingPage>;
  /** Erase my account for good, and leave the page. */
  eraseMe(password: string, messages: ErasedMessages): Promise<void>;
}

interface Parts {
  api: Api;
  signOut(): Promise<void>;
}

/** Rooms that are looked at in one request; each is counted. */
const ROOMS_COUNT = 20;
const PAGES_MAX_COUNT = 10;

export function createKeepingActions({ api, signOut }: Parts): KeepingActions {
  const hold = <T>(path: string, on: boolean): Promise<T> =>
    on ? api.put<T>(`${path}/hold`) : api.delete<T>(`${path}/hold`);
  return {
    retention: () => api.get<Retention>("retention"),
    setRetention: (days) => api.patch<Retention>("retention", { days }),
    holdWorkspace: (on) => hold<Retention>("retention", on),
    roomRetention: (room) => api.get<RoomRetention>(`rooms/${room}/retention`),
    setRoomRetention: (room, keep, days) =>
      api.patch<RoomRetention>(`rooms/${room}/retention`, keep === "days" ? { keep, days } : { keep }),
    holdRoom: (room, on) => hold<RoomRetention>(`rooms/${room}/retention`, on),
    going: async (cursor) => {
      let next = cursor;
      // Rooms in which nothing would go are left out: a page may be empty and not the last.
      for (let page = 0; page < PAGES_MAX_COUNT; page++) {
        const found = await api.get<GoingPage>("retention/dry-run", {
          limit: ROOMS_COUNT,
          cursor: next ?? undefined,
        });
        next = found.next;
        if (found.items.length > 0 || next === null) return found;
      }
      return { items: [], next };
    },
    eraseMe: async (password, messages) => {
      await api.post("me/erase", { password, messages });
      await signOut();
    },
  };
}
