// The calls of what is being written: asked about while one writes, and once more before it is sent.
import { useEffect, useState } from "preact/hooks";
import { useActions } from "../actions";
import { type CallReach, callWords, groups, lookAtCalls, readGroups, toldBy } from "./calls";

/** More than so many are told only after a question. */
const ASK_FROM = 6;
const PAUSE_MS = 250;

export interface Calls {
  /** What the @words of the text would do; nothing while that is not known. */
  reaches: readonly CallReach[];
  /**
   * How many a text would tell, when that is worth a question; else 0, and null where it calls nobody. Never fails:
   * without an answer nobody asks.
   */
  worthAsking: (text: string) => Promise<number> | null;
}

/** `isAnswer`: in a thread, where the room is not called. */
export function useCalls(room: number, text: string, isAnswer: boolean): Calls {
  const { rest } = useActions();
  const [reaches, setReaches] = useState<readonly CallReach[]>([]);
  const known = groups.value;
  const words = callWords(text, known);
  const key = words.join(" ");
  const hasName = text.includes("@");

  useEffect(() => {
    if (hasName) void readGroups(rest);
  }, [hasName]);
  useEffect(() => {
    if (key === "") {
      setReaches([]);
      return undefined;
    }
    let isGone = false;
    const timer = setTimeout(() => {
      lookAtCalls(rest, room, words).then(
        (found) => {
          if (!isGone) setReaches(found);
        },
        // Offline, or no right to write: what is sent then says so itself.
        () => undefined,
      );
    }, PAUSE_MS);
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [key, room]);

  const worthAsking = (sent: string): Promise<number> | null => {
    const asked = callWords(sent, groups.peek());
    if (asked.length === 0) return null;
    return lookAtCalls(rest, room, asked).then(
      (found) => {
        const count = toldBy(isAnswer ? found.filter(({ kind }) => kind === "group") : found);
        return count >= ASK_FROM ? count : 0;
      },
      () => 0,
    );
  };
  return { reaches: key === "" ? [] : reaches, worthAsking };
}
