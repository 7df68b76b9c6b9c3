// What the server adds to the quick switcher: people who are not here, and messages.
import { useEffect, useState } from "preact/hooks";
import type { FoundMessage } from "../../net/actions";
import type { User } from "../../protocol";
import { useActions } from "../actions";
import { scopeOf } from "./targets";

const PEOPLE_PAUSE_MS = 160;
/** Longer: each is a search, and only so many a second are allowed. */
const MESSAGES_PAUSE_MS = 500;
const MESSAGES_COUNT = 3;
const LETTERS_MIN_COUNT = 2;

/** People whose names hold what is typed. */
export function usePeople(typed: string): readonly User[] {
  const actions = useActions();
  const { scope, query } = scopeOf(typed);
  const isWanted = scope === "all" || scope === "people";
  return useAnswer(isWanted ? query : null, PEOPLE_PAUSE_MS, (text) => actions.people(text));
}

/** A few messages that hold what is typed, the best of them. */
export function useMessages(typed: string): readonly FoundMessage[] {
  const actions = useActions();
  const { scope, query } = scopeOf(typed);
  const isWanted = scope === "all" && [...query].length >= LETTERS_MIN_COUNT;
  return useAnswer(isWanted ? query : null, MESSAGES_PAUSE_MS, async (text) => {
    const { items } = await actions.search({ q: text, room: null, sort: "best" }, null);
    return items.slice(0, MESSAGES_COUNT);
  });
}

/** What the server says to a text that rests for a moment; null asks nothing. */
function useAnswer<T>(
  text: string | null,
  pauseMs: number,
  ask: (text: string) => Promise<readonly T[]>,
): readonly T[] {
  const [answer, setAnswer] = useState<{ text: string; items: readonly T[] } | null>(null);
  useEffect(() => {
    if (text === null) return undefined;
    let isGone = false;
    const timer = setTimeout(() => {
      ask(text).then(
        (items) => {
          if (!isGone) setAnswer({ text, items });
        },
        // Rooms and commands are here; without the server only the rest is missing.
        () => undefined,
      );
    }, pauseMs);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [text]);
  // What was found for fewer letters stays until the answer for more is there.
  return text !== null && answer !== null && text.startsWith(answer.text) ? answer.items : [];
}
