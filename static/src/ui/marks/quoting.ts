// Which message the text that is being written answers by quote, one a place; it stays while another room is open.
import { signal } from "@preact/signals";
import type { Message } from "../../protocol";
import type { Quoted } from "../../store/state";
import { saidIn } from "../common/file";
import { placeOf } from "../composer/trays";

const SHOWN_MAX_CHARS = 300;
const quotes = signal<ReadonlyMap<string, Quoted>>(new Map());

/** What is quoted in a place. */
export function quoteOf(place: string): Quoted | null {
  return quotes.value.get(place) ?? null;
}

/** Answer a message by quote, where it stands. */
export function quoteHere(message: Message): void {
  const { id, room, parent, sender } = message;
  const quoted = { message: id, room, name: sender.name, text: saidIn(message).slice(0, SHOWN_MAX_CHARS) };
  put(placeOf(room, parent), quoted);
}

/** Quote nothing any more; returns what it was. */
export function takeQuote(place: string): Quoted | null {
  const taken = quoteOf(place);
  if (taken) put(place, null);
  return taken;
}

function put(place: string, quoted: Quoted | null): void {
  const next = new Map(quotes.value);
  if (quoted) next.set(place, quoted);
  else next.delete(place);
  quotes.value = next;
}
