// A room's run of messages: placing one, joining a page. Never two ranges with an unknown stretch between them.
import type { Message } from "../protocol";
import type { Page } from "./inputs";
import { EMPTY_TIMELINE, type Timeline } from "./state";

/** What came while no page was on its way is not noted. */
export const NOTHING_NOTED = { fresh: EMPTY_TIMELINE.fresh, removed: EMPTY_TIMELINE.removed };

/** A room that nobody looks at keeps this many messages, and is cut to it when it has twice as many. */
export const KEPT_COUNT = 200;

/** A room that is looked at is cut to so many messages on each side of what is in sight... */
export const AROUND_COUNT = 150;
/** ...once it shows more than this: the page stays as light in a room of ten thousand messages as in a small one. */
export const SHOWN_MAX_COUNT = 400;

/** Put a message where its seq belongs: replace it, append it, or leave it out when it lies outside the run. */
export function place(timeline: Timeline, message: Message, isNew: boolean): Timeline {
  const noted = note(timeline, message);
  const { messages } = noted;
  const at = indexOf(messages, message.seq);
  const found = messages[at];
  if (found?.seq === message.seq) {
    return { ...noted, messages: messages.with(at, withReplies(message, found.reply_count)) };
  }
  if (!isNew || !noted.loaded || noted.stale) return noted;
  if (at === 0 && (messages.length > 0 || noted.hasAfter)) return noted;
  if (at === messages.length) {
    return noted.hasAfter ? noted : { ...noted, messages: [...messages, message] };
  }
  return { ...noted, messages: messages.toSpliced(at, 0, message) };
}

/** Count the replies of the message with this id again; exact, because replies stand after their first message. */
export function recount(timeline: Timeline, parent: number, isNew: boolean): Timeline {
  const { messages, hasAfter } = timeline;
  let replies = 0;
  for (let at = messages.length - 1; at >= 0; at--) {
    const message = messages[at]!;
    if (message.parent === parent && message.deleted_at === null) replies++;
    if (message.id !== parent) continue;
    // Where the end of the room is not loaded, only what happens from now on is known.
    const count = hasAfter ? message.reply_count + (isNew ? 1 : 0) : replies;
    return count === message.reply_count
      ? timeline
      : { ...timeline, messages: messages.with(at, withReplies(message, count)) };
  }
  return timeline;
}

/** Take messages out, by id; also out of a page that was read before they went and is still on its way. */
export function remove(timeline: Timeline, gone: ReadonlySet<number>): Timeline {
  const removed = new Set([...timeline.removed, ...(timeline.loading === "no" ? [] : gone)]);
  const fresh = new Map([...timeline.fresh].filter(([id]) => !gone.has(id)));
  const messages = timeline.messages.filter((message) => !gone.has(message.id));
  const noted = { ...timeline, fresh, removed };
  if (messages.length === timeline.messages.length) return noted;
  // With nothing left there is no place from which to read on: the room begins anew.
  if (messages.length === 0 && timeline.hasBefore)
    return { ...EMPTY_TIMELINE, loading: timeline.loading, fresh, removed };
  return { ...noted, messages: timeline.hasAfter ? messages : countAll(messages) };
}

/** Join a page to the run that it was asked for; a page that answers an old question is dropped. */
export function join(timeline: Timeline, page: Page): Timeline {
  if (timeline.loading !== page.which) return timeline;
  const items = page.items
    .filter((item) => !timeline.removed.has(item.id))
    .map((item) => timeline.fresh.get(item.id) ?? item);
  const joined = joinItems({ ...timeline, failed: false }, page, items);
  if (!joined) return { ...timeline, ...NOTHING_NOTED, loading: "no" };
  const messages = joined.hasAfter ? joined.messages : withPosted(joined.messages, timeline.fresh);
  const whole: Timeline = { ...joined, messages, ...NOTHING_NOTED, loading: "no", loaded: true };
  return whole.hasAfter ? whole : { ...whole, messages: countAll(messages) };
}

/** Cut what a room that nobody looks at keeps in memory. */
export function trim(timeline: Timeline, atMost: number = KEPT_COUNT): Timeline {
  if (timeline.messages.length <= atMost) return timeline;
  // A room left in the middle of its history opens at its end the next time.
  if (timeline.hasAfter) return EMPTY_TIMELINE;
  return { ...timeline, messages: timeline.messages.slice(-atMost), hasBefore: true, gapBeforeSeq: null };
}

/** Cut what lies far from the message that is looked at; both ends are read again when somebody comes near them. */
export function cutAround(timeline: Timeline, seq: number): Timeline {
  const { messages, loading, stale } = timeline;
  // A page on its way is joined to the end that it was asked for.
  if (loading !== "no" || stale) return timeline;
  const at = indexOf(messages, seq);
  const from = further(messages, at, -1);
  const to = further(messages, at, 1);
  if (from === 0 && to === messages.length) return timeline;
  return {
    ...timeline,
    messages: messages.slice(from, to),
    hasBefore: timeline.hasBefore || from > 0,
    hasAfter: timeline.hasAfter || to < messages.length,
    gapBeforeSeq: from > 0 ? null : timeline.gapBeforeSeq,
  };
}

/** Go AROUND_COUNT messages of the timeline on; replies of threads, which it does not show, do not count. */
function further(messages: readonly Message[], at: number, step: 1 | -1): number {
  let left = AROUND_COUNT;
  let index = at;
  while (left > 0 && (step > 0 ? index < messages.length : index > 0)) {
    const message = messages[step > 0 ? index : index - 1]!;
    if (message.parent === null) left--;
    index += step;
  }
  return index;
}

/** The first index whose seq is not below `seq`. */
export function indexOf(messages: readonly Message[], seq: number): number {
  let low = 0;
  let high = messages.length;
  // The usual case is the end.
  if (high > 0 && messages[high - 1]!.seq < seq) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (messages[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

function note(timeline: Timeline, message: Message): Timeline {
  if (timeline.loading === "no") return timeline;
  return { ...timeline, fresh: new Map(timeline.fresh).set(message.id, message) };
}

function joinItems(timeline: Timeline, page: Page, items: readonly Message[]): Timeline | null {
  const { messages } = timeline;
  switch (page.which) {
    case "before": {
      if (messages[0]?.seq !== page.anchor) return null;
      const older = items.filter((item) => item.seq < messages[0]!.seq);
      return {
        ...timeline,
        messages: [...older, ...messages],
        hasBefore: page.hasBefore,
        gapBeforeSeq: null,
      };
    }
    case "after": {
      const last = messages.at(-1);
      if (last?.seq !== page.anchor) return null;
      const newer = items.filter((item) => item.seq > last!.seq);
      return { ...timeline, messages: [...messages, ...newer], hasAfter: page.hasAfter };
    }
    default: {
      const first = items[0]?.seq;
      const last = messages.at(-1);
      // What lies between the old run and this page was never read: say so where it begins.
      const isApart =
        timeline.stale && !timeline.kept && first !== undefined && last !== undefined && last.seq < first;
      return {
        ...timeline,
        messages: items,
        hasBefore: page.hasBefore,
        hasAfter: page.which === "newest" ? false : page.hasAfter,
        gapBeforeSeq: isApart && page.hasBefore ? first : null,
        stale: false,
        kept: false,
      };
    }
  }
}

function withPosted(messages: readonly Message[], fresh: ReadonlyMap<number, Message>): readonly Message[] {
  const last = messages.at(-1)?.seq ?? 0;
  const newer = [...fresh.values()].filter((message) => message.seq > last).sort((a, b) => a.seq - b.seq);
  return newer.length > 0 ? [...messages, ...newer] : messages;
}

function countAll(messages: readonly Message[]): readonly Message[] {
  const counts = new Map<number, number>();
  for (const { parent, deleted_at } of messages) {
    if (parent !== null && deleted_at === null) counts.set(parent, (counts.get(parent) ?? 0) + 1);
  }
  return messages.map((message) => withReplies(message, counts.get(message.id) ?? 0));
}

function withReplies(message: Message, count: number): Message {
  return message.reply_count === count ? message : { ...message, reply_count: count };
}
