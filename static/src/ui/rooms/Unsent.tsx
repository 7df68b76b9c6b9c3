// What I wrote for a room that took me out before it was stored: it stays mine, to copy or to throw away.

import { pendingOf } from "../../store/signals";
import type { Pending } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { copyText } from "../common/copy";
import { codeText } from "../errors";
import "../../styles/unsent.css";

export function Unsent({ room }: { room: number }) {
  const pending = pendingOf(room);
  if (pending.length === 0) return null;
  return (
    <section class="unsent" aria-label={t("unsent.title")}>
      <h2>{t("unsent.title")}</h2>
      <ul>
        {pending.map((each) => (
          <UnsentRow key={each.clientMessageId} pending={each} />
        ))}
      </ul>
    </section>
  );
}

function UnsentRow({ pending }: { pending: Pending }) {
  const actions = useActions();
  return (
    <li>
      <p class="unsent-text" dir="auto">
        {pending.body || pending.files.map(({ name }) => name).join(", ")}
      </p>
      {pending.error ? (
        <p class="unsent-reason">{codeText(pending.error.code, pending.error.detail)}</p>
      ) : null}
      {pending.body === "" ? null : (
        <Button small onClick={() => void copyText(pending.body)}>
          {t("message.copy_text")}
        </Button>
      )}
      <Button small kind="quiet" onClick={() => actions.discard(pending.clientMessageId)}>
        {t("pending.discard")}
      </Button>
    </li>
  );
}
