// Where unsent messages outlive the page: IndexedDB, or memory where a browser forbids it.
import type { NewPoll, Quoted } from "../store/state";
import type { SentFile } from "../store/uploads";

export interface Entry {
  clientMessageId: string;
  room: number;
  body: string;
  parent: number | null;
  alsoInRoom?: boolean;
  poll?: NewPoll | null;
  /** Missing in what an older page has left. */
  files?: readonly SentFile[];
  quote?: Quoted | null;
  createdAt: number;
  attempts: number;
  /** Which tab wrote it; a reload is the same tab and goes on sending it. */
  tab: string;
  /** Set when the server will not take it: only the person can decide what happens. */
  failed: { code: string; detail: string } | null;
}

export interface OutboxStore {
  all(): Promise<Entry[]>;
  put(entry: Entry): Promise<void>;
  delete(clientMessageId: string): Promise<void>;
}

const TABLE = "entries";

/** Open the outbox of one user; whoever else uses this browser must never send it. */
export async function openOutboxStore(user: number, factory: IDBFactory | undefined): Promise<OutboxStore> {
  if (!factory) return memoryStore();
  try {
    const request = factory.open(`maru-outbox-${user}`, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "clientMessageId" });
    return databaseStore(await done(request));
  } catch {
    // A private window, a full disk, a forbidden storage: what is written is kept as long as the page lives.
    return memoryStore();
  }
}

/** Keep entries as long as the page lives. */
export function memoryStore(): OutboxStore {
  const entries = new Map<string, Entry>();
  return {
    all: async () => [...entries.values()],
    put: async (entry) => void entries.set(entry.clientMessageId, entry),
    delete: async (id) => void entries.delete(id),
  };
}

function databaseStore(database: IDBDatabase): OutboxStore {
  const table = (mode: IDBTransactionMode): IDBObjectStore =>
    database.transaction(TABLE, mode).objectStore(TABLE);
  const write = async (order: (table: IDBObjectStore) => IDBRequest): Promise<void> => {
    const place = table("readwrite");
    const request = order(place);
    // In the same breath: a page that is closed the next moment has nothing left to say, and it stays.
    place.transaction.commit();
    await done(request);
  };
  return {
    all: () => done(table("readonly").getAll() as IDBRequest<Entry[]>),
    put: (entry) => write((place) => place.put(entry)),
    delete: (id) => write((place) => place.delete(id)),
  };
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    if ("onblocked" in request) request.onblocked = () => reject(new Error("blocked"));
  });
}
