// Where the last visit of one person is kept: IndexedDB, one database a person, thrown away when they sign out.
import type { Message } from "../protocol";
import { KEPT_MESSAGES_COUNT, KEPT_ROOMS_COUNT, type Kept } from "../store/kept";

const PREFIX = "maru-kept-";
const STATE = "state";
const MESSAGES = "messages";
/** Older than this, it would tell more about then than about now. */
const GOOD_FOR_MS = 30 * 86_400_000;

interface Row {
  room: number;
  /** When it was read last. */
  at: number;
  messages: readonly Message[];
}

export interface KeptStore {
  read(now: number): Promise<Kept | null>;
  /** Keep the rooms and the people, and the messages of those rooms that are new since. */
  write(kept: Kept): Promise<void>;
}

/** Open what is kept of one person; `version` is that of the page: shapes of another one are not read. */
export async function openKeptStore(
  user: number,
  version: string,
  factory: IDBFactory | undefined,
): Promise<KeptStore | null> {
  if (!factory) return null;
  try {
    const request = factory.open(PREFIX + user, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STATE);
      request.result.createObjectStore(MESSAGES, { keyPath: "room" });
    };
    const database = await done(request);
    // Another tab signs out: nothing may hold the database open, or it would not go.
    database.onversionchange = () => database.close();
    return storeOf(database, version);
  } catch {
    // A private window, a forbidden storage: the page starts without a memory.
    return null;
  }
}

/** Throw away what is kept here, of everybody or of all but one. Never rejects; the browser does it when it can. */
export async function forgetKept(
  factory: IDBFactory | undefined,
  butOf: number | null = null,
): Promise<void> {
  try {
    const found = (await factory?.databases()) ?? [];
    const names = found.flatMap(({ name }) => (name?.startsWith(PREFIX) ? [name] : []));
    // The files on their way are beside it (file_store.ts).
    const mine = [PREFIX + butOf, `${PREFIX}files-${butOf}`];
    const gone = names.filter((name) => !mine.includes(name));
    await Promise.all(gone.map((name) => done(factory!.deleteDatabase(name)).catch(() => undefined)));
  } catch {
    // Without storage nothing is kept.
  }
}

function storeOf(database: IDBDatabase, version: string): KeptStore {
  return {
    read: async (now) => {
      const held = database.transaction([STATE, MESSAGES]);
      const [found, rows] = await Promise.all([
        done(held.objectStore(STATE).get("last") as IDBRequest<(Kept & { version: string }) | undefined>),
        done(held.objectStore(MESSAGES).getAll() as IDBRequest<Row[]>),
      ]);
      if (found?.version !== version || now - found.at > GOOD_FOR_MS) return null;
      const { at, rooms, users } = found;
      return { at, rooms, users, messages: new Map(rows.map((row) => [row.room, row.messages])) };
    },
    write: async ({ at, rooms, users, messages }) => {
      const place = database.transaction([STATE, MESSAGES], "readwrite");
      place.objectStore(STATE).put({ version, at, rooms, users }, "last");
      const table = place.objectStore(MESSAGES);
      for (const [room, all] of messages) table.put({ room, at, messages: all.slice(-KEPT_MESSAGES_COUNT) });
      const mine = new Set(rooms.map(({ id }) => id));
      const rows = (await done(table.getAll() as IDBRequest<Row[]>)).sort((a, b) => b.at - a.at);
      // A room that I am no longer in is nothing that I may read.
      for (const row of rows.filter((row, place) => place >= KEPT_ROOMS_COUNT || !mine.has(row.room)))
        table.delete(row.room);
      await ended(place);
    },
  };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function ended(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
