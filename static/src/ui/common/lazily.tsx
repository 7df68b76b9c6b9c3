// A part of the screen whose code comes when it is first shown.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../text/t";
import { Failed, Skeleton } from "./States";

/**
 * Make a component of one that is loaded; until it is there it has the faces of a list that loads or has failed.
 * A quiet one, as a dialog, shows nothing while it loads.
 */
export function lazily<P extends object>(
  load: () => Promise<ComponentType<P>>,
  { isQuiet = false } = {},
): ComponentType<P> {
  let Loaded: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [, redraw] = useState(0);
    const [isFailed, setFailed] = useState(false);
    const [trial, setTrial] = useState(0);
    useEffect(() => {
      if (Loaded) return undefined;
      let isGone = false;
      setFailed(false);
      load().then(
        (found) => {
          Loaded = found;
          if (!isGone) redraw((count) => count + 1);
        },
        () => {
          if (!isGone) setFailed(true);
        },
      );
      return () => {
        isGone = true;
      };
    }, [trial]);
    if (Loaded) return <Loaded {...props} />;
    if (isFailed) return <Failed text={t("state.part_failed")} onRetry={() => setTrial(trial + 1)} />;
    return isQuiet ? null : <Skeleton rows={4} />;
  };
}
