// Where a room opens: where it was left, at the message that was asked for, at what is new, or at the end. Pure.
import type { Start } from "./follow";
import type { Item } from "./items";
import type { Kept } from "./kept";

/** Choose the row to start at. */
export function startOf(
  items: readonly Item[],
  seq: number | null,
  hasBefore: boolean,
  kept: Kept | null = null,
): Start {
  if (kept) {
    // The message itself may be gone: then the one after it.
    const found = items.find((item) => item.kind === "message" && item.message.seq >= kept.seq);
    if (found) return { at: "kept", key: found.key, offset: kept.offset };
  }
  if (seq !== null) {
    const found = items.find((item) => item.kind === "message" && item.message.seq >= seq);
    if (found) return { at: "row", key: found.key, part: 0.5 };
  }
  const line = items.findIndex((item) => item.kind === "new");
  const before = items.slice(0, Math.max(line, 0)).some((item) => item.kind === "message");
  // When even the oldest loaded message is new, the line is not where reading stopped.
  if (line >= 0 && (before || !hasBefore)) return { at: "row", key: "new", part: 0.2 };
  return { at: "end" };
}
