// What somebody is doing, beside the name: the emoji, and the words where there is room. It ends by itself.
import { useEffect, useState } from "preact/hooks";
import type { Doing } from "../../protocol";
import { dueOf } from "../../text/dates";
import { t } from "../../text/t";
import { EmojiSign } from "../common/EmojiSign";
import "../../styles/doing.css";

/** Longer than this no timer waits in a browser. */
const WAIT_MAX_MS = 2_000_000_000;
/** Stands for a doing that has words and no emoji. */
const WITHOUT_EMOJI = "💬";

/** The doing, until its time has come. */
export function useDoing(doing: Doing | null | undefined): Doing | null {
  const [, redraw] = useState(0);
  const until = doing?.until ?? null;
  const isOver = until !== null && Date.parse(until) <= Date.now();
  useEffect(() => {
    if (until === null || isOver) return undefined;
    let timer = 0;
    // Asked of the clock anew: it may have jumped between the drawing and this, and timers have a longest wait.
    const wait = (): void => {
      const leftMs = Date.parse(until) - Date.now();
      if (leftMs > 0) timer = window.setTimeout(wait, Math.min(leftMs, WAIT_MAX_MS));
      else redraw((count) => count + 1);
    };
    wait();
    return () => clearTimeout(timer);
  }, [until]);
  return doing && !isOver ? doing : null;
}

/** In one line: the words, and until when. */
export function doingText(doing: Doing): string {
  const until = doing.until === null ? "" : t("doing.until", { when: dueOf(doing.until) });
  return [doing.text, until].filter(Boolean).join(" · ");
}

interface DoingMarkProps {
  doing: Doing | null | undefined;
  /** Also the words; without them they are a tooltip and spoken. */
  hasWords?: boolean;
  /** With the words: also when it ends. */
  hasEnd?: boolean;
}

export function DoingMark({ doing: told, hasWords = false, hasEnd = false }: DoingMarkProps) {
  const doing = useDoing(told);
  if (!doing) return null;
  const words = doingText(doing);
  return (
    <span class="doing" title={words || undefined}>
      <span class="doing-emoji" aria-hidden={words ? "true" : undefined}>
        <EmojiSign emoji={doing.emoji || WITHOUT_EMOJI} />
      </span>
      {words ? (
        <span class={hasWords ? "doing-words" : "unseen"}>{hasWords && !hasEnd ? doing.text : words}</span>
      ) : null}
    </span>
  );
}
