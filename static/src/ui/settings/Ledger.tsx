// "Why was I not notified?": for each message that names me or is written to me, what became of mail and push, and why.
import { Ban, Check, CircleAlert, Clock } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { LedgerRow } from "../../net/actions";
import { state } from "../../store/signals";
import { fullOf, shortOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failed, Skeleton } from "../common/States";
import { errorText } from "../errors";
import { roomName } from "../names";
import { follow, roomPath } from "../route";
import { ledgerText, ruleText } from "./ledgerWords";
import "../../styles/ledger.css";

const SIGNS = { waiting: Clock, sent: Check, suppressed: Ban, failed: CircleAlert } as const;

export function Ledger() {
  const actions = useActions();
  const [rows, setRows] = useState<readonly LedgerRow[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const isGone = useRef(false);

  const read = async (cursor: string | null): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const page = await actions.ledger(cursor);
      if (isGone.current) return;
      setRows((before) => (cursor === null ? page.items : [...(before ?? []), ...page.items]));
      setNext(page.next);
    } catch (error) {
      if (!isGone.current) setFailure(errorText(error));
    } finally {
      if (!isGone.current) setBusy(false);
    }
  };

  useEffect(() => {
    isGone.current = false;
    void read(null);
    return () => {
      isGone.current = true;
    };
  }, []);

  return (
    <section class="settings-card">
      <h2>{t("ledger.title")}</h2>
      <p class="field-hint">{t("ledger.hint")}</p>
      {!rows && !failure ? <Skeleton rows={4} /> : null}
      {rows?.length === 0 ? <p class="ledger-empty">{t("ledger.empty")}</p> : null}
      {rows && rows.length > 0 ? (
        <ul class="ledger">
          {rows.map((row) => (
            <Row key={row.id} row={row} />
          ))}
        </ul>
      ) : null}
      {failure ? <Failed text={failure} onRetry={() => void read(rows ? next : null)} /> : null}
      {rows && next !== null && !failure ? (
        <div class="settings-buttons">
          <Button small busy={isBusy} onClick={() => void read(next)}>
            {t("ledger.more")}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function Row({ row }: { row: LedgerRow }) {
  const room = state.value.rooms.get(row.room);
  const Sign = SIGNS[row.outcome] ?? CircleAlert;
  return (
    <li class="ledger-row" data-outcome={row.outcome}>
      <Sign size={16} strokeWidth={2} aria-hidden="true" />
      <div class="ledger-main">
        <p>{ledgerText(row)}</p>
        <p class="ledger-meta">
          <span>{ruleText(row)}</span>
          {room ? (
            <a href={`${roomPath(row.room)}?seq=${row.seq}`} onClick={follow}>
              <bdi>{roomName(room, state.value)}</bdi>
            </a>
          ) : (
            <span>{t("ledger.room_gone")}</span>
          )}
          <time dateTime={row.at} title={fullOf(row.at)}>
            {shortOf(row.at)}
          </time>
        </p>
      </div>
    </li>
  );
}
