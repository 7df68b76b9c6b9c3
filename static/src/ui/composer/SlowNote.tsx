// That a room is slowed down, and how long I wait still.
import { Timer } from "lucide-preact";
import { t } from "../../text/t";
import { spanText } from "../rooms/spans";
import type { Wait } from "./slow";

export function SlowNote({ wait }: { wait: Wait }) {
  if (wait.everyS === 0) return null;
  return (
    <span class="slow-note" data-waiting={wait.leftS > 0 || undefined}>
      <Timer size={13} strokeWidth={2} aria-hidden="true" />
      {wait.leftS > 0 ? (
        <>
          <span aria-hidden="true">{t("slow.left", { time: leftText(wait.leftS) })}</span>
          {/* Said once, and not at every second. */}
          <span class="unseen" role="status">
            {t("slow.waiting", { time: spanText(wait.everyS) })}
          </span>
        </>
      ) : (
        <span>{t("slow.every", { time: spanText(wait.everyS) })}</span>
      )}
    </span>
  );
}

function leftText(seconds: number): string {
  return seconds < 60 ? spanText(seconds) : shortTime(seconds);
}

/** 9, 1:09 or 1:00:09. */
export function shortTime(seconds: number): string {
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts.slice(parts.findIndex((part, at) => part > 0 || at === 2));
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
