// My exports, read again while one is being made; what is ready gets a fresh link before the old one ends.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { Export } from "../../net/actions";
import { useActions } from "../actions";
import { errorText } from "../errors";

const MOVING_MS = 1_500;
const RESTING_MS = 20 * 60_000;

export interface Exports {
  /** Null while they have never been read. */
  items: Export[] | null;
  failure: string | null;
  read: () => Promise<void>;
}

/** Whether an export waits or is being made. */
export function isOpen(row: Export): boolean {
  return row.state === "waiting" || row.state === "running";
}

export function useExports(): Exports {
  const actions = useActions();
  const [items, setItems] = useState<Export[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const turn = useRef(0);
  const read = useCallback(async () => {
    turn.current += 1;
    const mine = turn.current;
    try {
      const found = await actions.exports();
      // An answer that was overtaken by a later question says what was.
      if (mine !== turn.current) return;
      setItems(found);
      setFailure(null);
    } catch (error) {
      if (mine === turn.current) setFailure(errorText(error));
    }
  }, [actions]);

  useEffect(() => {
    void read();
    return () => {
      turn.current = -1;
    };
  }, [read]);

  const isMoving = items?.some(isOpen) ?? false;
  const isResting = items?.some((row) => row.state === "ready") ?? false;
  useEffect(() => {
    if (!isMoving && !isResting) return undefined;
    const look = (): void => {
      if (!document.hidden) void read();
    };
    const timer = setInterval(look, isMoving ? MOVING_MS : RESTING_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [isMoving, isResting, read]);

  return { items, failure, read };
}
