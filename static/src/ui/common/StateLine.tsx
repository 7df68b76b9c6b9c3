// One honest line under the head, only while something is not as it should be.
import { CloudOff, Hourglass, RefreshCw, TriangleAlert } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { Link } from "../../store/state";
import { dueOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { isStoreAway, keptAt, link } from "../selectors";
import { Button } from "./Button";
import "../../styles/state-line.css";

/** A connection that is there within this time is not worth a word. */
const PATIENCE_MS = 700;
/** Whoever has to wait longer may cut it short. */
const LONG_MS = 3_000;
const OVERLOADED = [4200, 4201];
const CROWDED = 4202;
const SIGNED_OUT = 4501;
const DISABLED = 4502;
const TOO_OLD = 4503;

type Kind = Link["kind"] | "store_away";

const ICONS: Partial<Record<Kind, typeof RefreshCw>> = {
  stopped: TriangleAlert,
  offline: CloudOff,
  store_away: Hourglass,
};

export function StateLine() {
  const now = link.value;
  const isTrouble = now.kind !== "online" || isStoreAway.value;
  // The server is there and says itself what it cannot do.
  const kind: Kind =
    isStoreAway.value && now.kind !== "offline" && now.kind !== "stopped" ? "store_away" : now.kind;
  const isPatient = kind !== "offline" && kind !== "stopped";
  const [isWorthIt, setWorthIt] = useState(false);

  useEffect(() => {
    setWorthIt(false);
    if (!isTrouble) return undefined;
    const timer = setTimeout(() => setWorthIt(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isTrouble]);

  const isShown = isTrouble && (isWorthIt || !isPatient);
  const Icon = ICONS[kind] ?? RefreshCw;
  return (
    <div role="status" aria-live="polite">
      {isShown ? (
        <div class="state-line" data-kind={kind}>
          <Icon size={15} strokeWidth={2} aria-hidden="true" />
          <p>{kind === "store_away" ? t("link.store_away") : wordsOf(now)}</p>
          {kind === "reconnecting" && now.kind === "reconnecting" ? (
            <Countdown key={now.retryAt} until={now.retryAt} />
          ) : null}
          {now.kind === "stopped" ? (
            <Button small kind="primary" onClick={() => location.reload()}>
              {now.code === SIGNED_OUT ? t("link.sign_in") : t("link.reload")}
            </Button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

/** How long a long wait still is, and the way to end it; a short one is over before it can be read. */
function Countdown({ until }: { until: number }) {
  const actions = useActions();
  const [leftMs, setLeft] = useState(() => until - Date.now());
  const [isLong] = useState(leftMs > LONG_MS);

  useEffect(() => {
    if (!isLong) return undefined;
    const timer = setInterval(() => setLeft(until - Date.now()), 250);
    return () => clearInterval(timer);
  }, [until, isLong]);

  if (!isLong || leftMs <= 0) return null;
  return (
    <>
      {/* Seconds that are read aloud one by one would drown everything else. */}
      <span class="state-line-left" aria-hidden="true">
        {t("link.seconds", { n: Math.ceil(leftMs / 1_000) })}
      </span>
      <Button small onClick={() => actions.tryNow()}>
        {t("link.try_now")}
      </Button>
    </>
  );
}

function wordsOf(now: Link): string {
  switch (now.kind) {
    case "connecting":
      return t("link.connecting");
    case "catching_up":
      return t("link.catching_up", { n: now.missing });
    case "reconnecting":
      if (now.code === CROWDED) return t("link.crowded");
      if (OVERLOADED.includes(now.code)) return t("link.overloaded");
      return keptAt.value === null
        ? t("link.reconnecting")
        : t("link.reconnecting_since", { time: dueOf(keptAt.value) });
    case "offline":
      return keptAt.value === null
        ? t("link.offline")
        : t("link.offline_since", { time: dueOf(keptAt.value) });
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
