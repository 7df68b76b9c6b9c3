// The browsers I am signed in with: which one this is, when each was used, and the way to end it.

import { useRef } from "preact/hooks";
import type { BrowserSession } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { Failed, Skeleton } from "../common/States";
import { tell, toast } from "../common/toasts";
import { useRead } from "../common/useRead";
import { useSubmit } from "../rooms/useSubmit";
import { SessionRow } from "./SessionRow";
import "../../styles/sign-ins.css";

export function DevicesSection() {
  const actions = useActions();
  const { value: sessions, failure, again } = useRead("", () => actions.sessions());
  const { isBusy, failure: refusal, run } = useSubmit();
  const title = useRef<HTMLHeadingElement>(null);
  // This one first: it is what one looks for.
  const shown = [...(sessions ?? [])].sort((a, b) => Number(b.current) - Number(a.current));
  const others = shown.filter((row) => !row.current);

  const end = (row: BrowserSession): void => {
    // What had the focus goes.
    title.current?.focus();
    void tell(actions.endSession(row.id)).then(again);
  };
  const endAll = (): void =>
    run(async () => {
      await actions.endOtherSessions();
      await again();
      toast(t("devices.ended"));
    });

  return (
    <section class="settings-card">
      <h2 ref={title} tabIndex={-1}>
        {t("settings.devices")}
      </h2>
      <p class="field-hint">{t("devices.hint")}</p>
      {failure ? <Failed text={failure} onRetry={() => void again()} /> : null}
      {!sessions && !failure ? <Skeleton rows={3} /> : null}
      {sessions ? (
        <ul class="sign-ins" aria-label={t("settings.devices")}>
          {shown.map((row) => (
            <SessionRow key={row.id} row={row} onEnd={() => end(row)} />
          ))}
        </ul>
      ) : null}
      <Failure text={refusal} />
      {others.length > 0 ? (
        <div>
          <Button busy={isBusy} onClick={endAll}>
            {t("devices.end_others")}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
