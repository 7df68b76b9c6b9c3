// Files on their way outlive the page: IndexedDB, one database a person, thrown away when they sign out.

/** What is known of a file beside its bytes. */
export interface KeptFile {
  key: string;
  /** The room and thread where it waits beside the text; null once a message has it. */
  place: string | null;
  tab: string;
  alt: string;
  /** Its id on the server: of all of it, of what has come so far. */
  upload: number | null;
  begun: number | null;
  at: number;
}

export interface FileStore {
  all(): Promise<KeptFile[]>;
  fileOf(key: string): Promise<File | null>;
  add(kept: KeptFile, file: File): Promise<void>;
  change(kept: KeptFile): Promise<void>;
  drop(key: string): Promise<void>;
}

/** Thrown away with what else is kept of a person: `kept_store.ts` and the worker know the beginning of the name. */
const PREFIX = "maru-kept-files-";
const ABOUT = "about";
const BYTES = "bytes";

/** Open the files of one person. Null where the browser forbids it: they live as long as the page then. */
export async function openFileStore(
  user: number,
  factory: IDBFactory | undefined,
): Promise<FileStore | null> {
  if (!factory) return null;
  try {
    const request = factory.open(PREFIX + user, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(ABOUT, { keyPath: "key" });
      request.result.createObjectStore(BYTES);
    };
    const database = await done(request);
    database.onversionchange = () => database.close();
    return storeOf(database);
  } catch {
    return null;
  }
}

function storeOf(database: IDBDatabase): FileStore {
  const write = (order: (place: IDBTransaction) => void): Promise<void> => {
    const place = database.transaction([ABOUT, BYTES], "readwrite");
    order(place);
    return ended(place);
  };
  return {
    all: () => done(database.transaction(ABOUT).objectStore(ABOUT).getAll() as IDBRequest<KeptFile[]>),
    fileOf: async (key) => {
      const found = database.transaction(BYTES).objectStore(BYTES).get(key);
      return (await done(found as IDBRequest<File | undefined>)) ?? null;
    },
    add: (kept, file) =>
      write((place) => {
        place.objectStore(ABOUT).put(kept);
        place.objectStore(BYTES).put(file, kept.key);
      }),
    change: (kept) => write((place) => place.objectStore(ABOUT).put(kept)),
    drop: (key) =>
      write((place) => {
        for (const table of [ABOUT, BYTES]) place.objectStore(table).delete(key);
      }),
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
