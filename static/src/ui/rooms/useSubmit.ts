// One submission of a form: busy while it runs, the reason when it failed.
import { useRef, useState } from "preact/hooks";
import { errorText } from "../errors";

export interface Submit {
  isBusy: boolean;
  failure: string | null;
  run: (action: () => Promise<void>) => void;
}

/** Run one action at a time; a second press while it runs is not a second order. */
export function useSubmit(): Submit {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const running = useRef(false);
  const run = (action: () => Promise<void>): void => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setFailure(null);
    action()
      .catch((error: unknown) => setFailure(errorText(error)))
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  };
  return { isBusy, failure, run };
}
