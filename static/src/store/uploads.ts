// Files of mine on their way into messages: what the screen shows of each. They live as long as the page.
import { signal } from "@preact/signals";

/** A file that a message was written with. `upload` is its id on the server once it is there. */
export interface SentFile {
  key: string;
  name: string;
  type: string;
  bytes: number;
  upload: number | null;
  /** What is to be seen on it; the server may not know yet. */
  alt?: string;
}

export interface Upload {
  key: string;
  name: string;
  type: string;
  bytes: number;
  /** How much of it has left this machine. */
  sent: number;
  /** `paused`: its line has broken, and it goes on from where it was when it is back. */
  status: "waiting" | "sending" | "paused" | "stored" | "failed";
  /** Its id on the server once it is there. */
  upload: number | null;
  error: { code: string; detail: string } | null;
  /** What is to be seen on it, in the words of its sender. */
  alt: string;
  /** A picture of this browser's own; null for what it cannot show. */
  picture: string | null;
}

export const uploads = signal<ReadonlyMap<string, Upload>>(new Map());

/** The keys of the files that stand beside a text, by room and thread. */
export const trays = signal<ReadonlyMap<string, readonly string[]>>(new Map());

/** Put files beside a text. */
export function putTray(place: string, keys: readonly string[]): void {
  const next = new Map(trays.value);
  if (keys.length === 0) next.delete(place);
  else next.set(place, keys);
  trays.value = next;
}

/** Show an upload as it is now. */
export function showUpload(upload: Upload): void {
  uploads.value = new Map(uploads.value).set(upload.key, upload);
}

/** Show an upload no more. */
export function hideUpload(key: string): void {
  if (!uploads.value.has(key)) return;
  const next = new Map(uploads.value);
  next.delete(key);
  uploads.value = next;
}
