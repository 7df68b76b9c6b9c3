// Something that is read from the server: not there yet, there, or failed; and again when it was asked otherwise.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { errorText } from "../errors";

export interface Read<T> {
  value: T | null;
  failure: string | null;
  /** Ask once more; what is shown stays until the answer is there. */
  again: () => Promise<void>;
  /** What has come in another way, as the answer to a change. */
  set: (value: T) => void;
}

/** Read by `ask`, and again whenever `key` is another; the answer to an older question is not shown. */
export function useRead<T>(key: string, ask: () => Promise<T>, words = errorText): Read<T> {
  const [value, setValue] = useState<T | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const question = useRef(0);
  const asking = useRef({ ask, words });
  asking.current = { ask, words };
  const again = useCallback(async (): Promise<void> => {
    const mine = ++question.current;
    setFailure(null);
    try {
      const answer = await asking.current.ask();
      if (mine === question.current) setValue(answer);
    } catch (error) {
      if (mine === question.current) setFailure(asking.current.words(error));
    }
  }, []);
  useEffect(() => {
    void again();
    return () => {
      question.current++;
    };
  }, [key, again]);
  return { value, failure, again, set: setValue };
}
