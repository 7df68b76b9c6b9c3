// Items cut into days, so that each day's line sticks only as long as its day is in sight. Pure.
import type { Item } from "./items";

export interface Day {
  key: string;
  at: string | number | null;
  items: Item[];
}

/** Group items by the day line before them. */
export function daysOf(items: readonly Item[]): Day[] {
  const days: Day[] = [];
  for (const item of items) {
    if (item.kind === "day") days.push({ key: item.key, at: item.at, items: [] });
    else {
      if (days.length === 0) days.push({ key: "start", at: null, items: [] });
      days.at(-1)!.items.push(item);
    }
  }
  return days;
}
