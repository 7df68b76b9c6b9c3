// A list that is read page by page: anew for another question, further when its end comes near.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { errorText } from "../errors";

export interface PageOf<T> {
  items: readonly T[];
  next: string | null;
  /** How many there are in all, where the server counts them. */
  total?: number | undefined;
}

export interface Pages<T> {
  /** Null until the first page has come. */
  items: readonly T[] | null;
  total: number | null;
  isMore: boolean;
  isBusy: boolean;
  failure: string | null;
  /** Read the next page. */
  more: () => void;
  /** Read anew as far as it is here, and show what is here until then. */
  again: () => void;
}

interface Asked<T> extends PageOf<T> {
  question: string;
}

const PAGE_COUNT = 50;
/** More than a page at a time is taken where a list is read again. */
const AGAIN_COUNT = 200;

/** Read on behind what is there, or from the beginning, until there are so many more or no more. */
async function readPages<T>(
  ask: (cursor: string | null, limit: number) => Promise<PageOf<T>>,
  before: PageOf<T> | null,
  count: number,
  keyOf: (item: T) => number | string,
): Promise<PageOf<T>> {
  const items = [...(before?.items ?? [])];
  const known = new Set(items.map(keyOf));
  const enough = items.length + count;
  let next = before?.next ?? null;
  let total: number | undefined;
  do {
    const page = await ask(next, count > PAGE_COUNT ? AGAIN_COUNT : PAGE_COUNT);
    for (const item of page.items) if (!known.has(keyOf(item))) items.push(item);
    for (const item of page.items) known.add(keyOf(item));
    ({ next, total } = page);
  } while (next !== null && items.length < enough);
  return { items, next, total };
}

/**
 * Read a list by `ask`, from its beginning whenever `question` is another; `keyOf` tells its rows apart, for what has
 * moved meanwhile may come twice.
 */
export function usePages<T>(
  question: string,
  ask: (cursor: string | null, limit: number) => Promise<PageOf<T>>,
  keyOf: (item: T) => number | string,
): Pages<T> {
  const [found, setFound] = useState<Asked<T> | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  // Only the last question is waited for.
  const turn = useRef(0);
  const asking = useRef({ ask, question, found, isBusy });
  asking.current = { ask, question, found, isBusy };

  const read = useCallback((isFurther: boolean): void => {
    const mine = ++turn.current;
    const { ask, question, found } = asking.current;
    const before = found?.question === question ? found : null;
    setBusy(true);
    setFailure(null);
    readPages(ask, isFurther ? before : null, isFurther ? 1 : (before?.items.length ?? 1), keyOf)
      .then(
        (pages) => {
          if (mine === turn.current) setFound({ question, ...pages });
        },
        (error: unknown) => {
          if (mine === turn.current) setFailure(errorText(error));
        },
      )
      .finally(() => {
        if (mine === turn.current) setBusy(false);
      });
  }, []);

  useEffect(() => {
    read(false);
    return () => {
      turn.current++;
    };
  }, [question, read]);

  const more = useCallback((): void => {
    const { found, isBusy, question } = asking.current;
    if (!isBusy && found?.question === question && found.next !== null) read(true);
  }, [read]);
  const again = useCallback((): void => read(false), [read]);
  return {
    items: found?.items ?? null,
    total: found?.total ?? null,
    isMore: found?.next != null,
    isBusy,
    failure,
    more,
    again,
  };
}
