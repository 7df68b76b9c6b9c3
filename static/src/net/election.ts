// Which of the tabs of one browser sends what a closed tab left behind, and how they tell each other what became of it.
import type { Entry } from "./outbox_store";

/** What the tabs of one user tell each other: this one is stored, is thrown away, or stands otherwise now. */
export type Told = { id: string; seq: number } | { id: string } | { entry: Entry };

export interface Tabs {
  tell(told: Told): void;
  listen(hear: (told: Told) => void): void;
}

/** Call `won` once this tab is the one; the result ends that, or the waiting for it. */
export type Elect = (won: () => void) => () => void;

/** Elect with the browser's locks; without them every tab is the one, which is harmless. */
export function electWith(locks: LockManager | undefined, user: number, what = "outbox"): Elect {
  return (won) => {
    if (!locks) {
      won();
      return () => undefined;
    }
    const waiting = new AbortController();
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    locks
      .request(`maru-${what}-${user}`, { signal: waiting.signal }, () => {
        won();
        return ended;
      })
      .catch(() => {
        if (!waiting.signal.aborted) won();
      });
    return () => {
      end();
      waiting.abort();
    };
  };
}

/** The other tabs of one user in this browser. */
export function tabsOf(user: number): Tabs {
  const channel = new BroadcastChannel(`maru-outbox-${user}`);
  return {
    tell: (told) => channel.postMessage(told),
    listen: (hear) => {
      channel.onmessage = ({ data }) => hear(data as Told);
    },
  };
}
