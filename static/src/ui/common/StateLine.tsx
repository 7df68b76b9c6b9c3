// One honest line under the head, only while something is not as it should be.
import { CloudOff, RefreshCw, TriangleAlert } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { Link } from "../../store/state";
import { t } from "../../text/t";
import { link } from "../selectors";
import { Button } from "./Button";
import "../../styles/state-line.css";

/** A connection that is there within this time is not worth a word. */
const PATIENCE_MS = 700;
const SIGNED_OUT = 4501;
const DISABLED = 4502;
const TOO_OLD = 4503;

export function StateLine() {
  const now = link.value;
  const isPatient = now.kind === "connecting" || now.kind === "reconnecting" || now.kind === "catching_up";
  const [isWorthIt, setWorthIt] = useState(false);
  const isTrouble = now.kind !== "online";

  useEffect(() => {
    setWorthIt(false);
    if (!isTrouble) return undefined;
    const timer = setTimeout(() => setWorthIt(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isTrouble]);

  const isShown = isTrouble && (isWorthIt || !isPatient);
  const isStopped = now.kind === "stopped";
  const Icon = isStopped ? TriangleAlert : now.kind === "offline" ? CloudOff : RefreshCw;
  return (
    <div role="status" aria-live="polite">
      {isShown ? (
        <div class="state-line" data-kind={now.kind}>
          <Icon size={15} strokeWidth={2} aria-hidden="true" />
          <p>{wordsOf(now)}</p>
          {isStopped ? (
            <Button small kind="primary" onClick={() => location.reload()}>
              {now.code === SIGNED_OUT ? t("link.sign_in") : t("link.reload")}
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function wordsOf(now: Link): string {
  switch (now.kind) {
    case "connecting":
      return t("link.connecting");
    case "catching_up":
      return t("link.catching_up", { n: now.missing });
    case "reconnecting":
      return t("link.reconnecting");
    case "offline":
      return t("link.offline");
    case "stopped":
      return stoppedText(now.code);
    default:
      return "";
  }
}

function stoppedText(code: number): string {
  if (code === SIGNED_OUT) return t("link.signed_out");
  if (code === DISABLED) return t("link.disabled");
  return code === TOO_OLD ? t("link.too_old") : t("link.stopped");
}
