// A browser that somebody is signed in with, and the way to end it.
import { Monitor, Smartphone } from "lucide-preact";
import type { BrowserSession } from "../../net/actions";
import { fullOf, shortOf } from "../../text/dates";
import { t } from "../../text/t";
import { Button } from "../common/Button";
import { agentOf } from "./agent";
import "../../styles/sign-ins.css";

interface SessionRowProps {
  row: BrowserSession;
  /** Null: it cannot be ended from here. */
  onEnd: (() => void) | null;
}

export function SessionRow({ row, onEnd }: SessionRowProps) {
  const { browser, device, isPhone } = agentOf(row.agent);
  const Sign = isPhone ? Smartphone : Monitor;
  const name =
    browser && device ? t("devices.name", { browser, device }) : (browser ?? device ?? t("devices.unknown"));
  return (
    <li class="sign-in">
      <Sign size={20} strokeWidth={1.75} aria-hidden="true" />
      <div class="sign-in-words">
        <p class="sign-in-name" title={row.agent || undefined}>
          {name}
          {row.current ? <span class="sign-in-mark">{t("devices.this")}</span> : null}
        </p>
        <p class="sign-in-meta">
          {row.current ? null : (
            <time dateTime={row.last_seen_at} title={fullOf(row.last_seen_at)}>
              {t("devices.seen", { when: shortOf(row.last_seen_at) })}
            </time>
          )}
          {row.address ? <span>{row.address}</span> : null}
          <time dateTime={row.created_at} title={fullOf(row.created_at)}>
            {t("devices.since", { when: shortOf(row.created_at) })}
          </time>
        </p>
      </div>
      {row.current || !onEnd ? null : (
        <Button small onClick={onEnd}>
          {t("devices.end")}
        </Button>
      )}
    </li>
  );
}
