// What a search finds, as the server says it.
import type { Message } from "../protocol";

export interface Piece {
  text: string;
  hit: boolean;
}

/** A message that was found: the part of its text around what was found, and the names of its files. */
export interface FoundMessage {
  message: Message;
  excerpt: Piece[];
  names: Piece[][];
}

/** `next` is the cursor of the page that follows; `behind`: not all that was just written has been looked at. */
export interface Found {
  items: FoundMessage[];
  next: string | null;
  behind: boolean;
}

export type Sort = "newest" | "best";

export interface Wanted {
  q: string;
  room: number | null;
  sort: Sort;
}
