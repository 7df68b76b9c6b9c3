// Where I am named: read when the page opens, and again when somebody names me or one of the messages has changed.
import { useEffect, useRef, useState } from "preact/hooks";
import type { UnreadMention } from "../../net/actions";
import { state } from "../../store/signals";
import { useActions } from "../actions";
import { named } from "./shown";

const PAUSE_MS = 500;
/** More than anybody looks through; further back leads the search. */
const KEPT_MAX_COUNT = 300;

export interface Mentions {
  isBusy: boolean;
  hasFailed: boolean;
  again: () => void;
  more: () => void;
}

/** Keep the list as it is. */
export function useMentions(): Mentions {
  const actions = useActions();
  const [isBusy, setBusy] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const [tries, setTries] = useState(0);
  const isFirst = useRef(true);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const now = state.value;
  // Rooms where somebody has named me, or whose messages stand here: something in them may be another now.
  const shown = new Set(named.value?.items.map(({ message }) => message.room));
  const key = [...now.rooms.values()]
    .filter(({ state: room }) => room.mentions > 0 || shown.has(room.id))
    .map(({ state: room }) => `${room.id}:${room.last_seq}`)
    .join();

  const ask = async (cursor: string | null): Promise<void> => {
    setBusy(true);
    try {
      const found = await actions.mentions(cursor);
      const before = named.peek();
      if (cursor === null) named.value = joined(found.items, found.next, before);
      else
        named.value = {
          items: distinct([...(before?.items ?? []), ...found.items]),
          next: endOf(found.next, before),
        };
      setFailed(false);
    } catch {
      setFailed(true);
    } finally {
      setBusy(false);
    }
  };

  useEffect(() => {
    // One that waits already takes what has come meanwhile along.
    if (!now.synced || timer.current !== null) return;
    timer.current = setTimeout(
      () => {
        timer.current = null;
        void ask(null);
      },
      isFirst.current ? 0 : PAUSE_MS,
    );
    isFirst.current = false;
  }, [key, now.synced, tries]);
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );

  return {
    isBusy,
    hasFailed,
    again: () => setTries(tries + 1),
    more: () => void ask(named.peek()?.next ?? null),
  };
}

/** The newest page in front of what was read behind it before. */
function joined(
  items: readonly UnreadMention[],
  next: string | null,
  before: typeof named.value,
): NonNullable<typeof named.value> {
  const last = items.at(-1)?.message.id;
  const older =
    last === undefined || next === null
      ? []
      : (before?.items ?? []).filter(({ message }) => message.id < last);
  if (older.length === 0) return { items, next };
  return { items: [...items, ...older], next: before?.next ?? null };
}

function distinct(items: readonly UnreadMention[]): UnreadMention[] {
  return [...new Map(items.map((item) => [item.message.id, item])).values()].slice(0, KEPT_MAX_COUNT);
}

function endOf(next: string | null, before: typeof named.value): string | null {
  return (before?.items.length ?? 0) >= KEPT_MAX_COUNT ? null : next;
}
