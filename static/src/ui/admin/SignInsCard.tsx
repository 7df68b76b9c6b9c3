// With what somebody is signed in: their browsers, each with the way to end it, and their second step.
import { ShieldOff } from "lucide-preact";
import { useState } from "preact/hooks";
import type { BrowserSession } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failed, Skeleton } from "../common/States";
import { toast } from "../common/toasts";
import { useRead } from "../common/useRead";
import { SessionRow } from "../settings/SessionRow";
import { AskDialog } from "./AskDialog";
import type { PersonDetails, PersonSignIns } from "./calls";
import * as calls from "./calls";
import "../../styles/sign-ins.css";

interface SignInsCardProps {
  person: PersonDetails;
  /** How often the account was changed here: each time it is read again. */
  deeds: number;
  /** Whether I may end what this account is signed in with, and reset its second step. */
  mayEnd: boolean;
  mayReset: boolean;
}

type Asked = { kind: "session"; session: BrowserSession } | { kind: "factors" };

export function SignInsCard({ person, deeds, mayEnd, mayReset }: SignInsCardProps) {
  const { rest } = useActions();
  const { value, failure, again } = useRead(`${person.id} ${deeds}`, () => calls.signInsOf(rest, person.id));
  const [asked, setAsked] = useState<Asked | null>(null);
  const { name } = person;
  const hasFactors = value !== null && (value.app || value.passkeys > 0);
  return (
    <div class="settings-card">
      <h3>{t("people_admin.sign_ins")}</h3>
      {failure ? <Failed text={failure} onRetry={again} /> : null}
      {!value && !failure ? <Skeleton rows={2} /> : null}
      {value?.sessions.length === 0 ? <p class="admin-none">{t("people_admin.no_sessions")}</p> : null}
      {value && value.sessions.length > 0 ? (
        <ul class="sign-ins" aria-label={t("people_admin.sign_ins")}>
          {value.sessions.map((session) => (
            <SessionRow
              key={session.id}
              row={session}
              onEnd={mayEnd ? () => setAsked({ kind: "session", session }) : null}
            />
          ))}
        </ul>
      ) : null}
      {value ? (
        <div class="settings-line">
          <p>{factorsText(value)}</p>
          {hasFactors && mayReset ? (
            <Button small icon={ShieldOff} onClick={() => setAsked({ kind: "factors" })}>
              {t("people_admin.factors_reset")}
            </Button>
          ) : null}
        </div>
      ) : null}
      {asked?.kind === "session" ? (
        <AskDialog
          danger
          title={t("people_admin.session_title", { name })}
          text={t("people_admin.session_text")}
          submit={t("devices.end")}
          onClose={() => setAsked(null)}
          onSubmit={async (reason) => {
            await calls.endSessionOf(rest, person.id, asked.session.id, reason);
            again();
          }}
        />
      ) : null}
      {asked?.kind === "factors" ? (
        <AskDialog
          danger
          title={t("people_admin.factors_title", { name })}
          text={t(person.email ? "people_admin.factors_mail" : "people_admin.factors_text", {
            name,
            email: person.email,
          })}
          submit={t("people_admin.factors_reset")}
          onClose={() => setAsked(null)}
          onSubmit={async (reason) => {
            await calls.resetFactorsOf(rest, person.id, reason);
            toast(t("people_admin.factors_done", { name }));
            again();
          }}
        />
      ) : null}
    </div>
  );
}

function factorsText({ app, passkeys, recovery_codes: codes, required }: PersonSignIns): string {
  const has = [
    ...(app ? [t("people_admin.factor_app")] : []),
    ...(passkeys > 0 ? [t("people_admin.factor_passkeys", { n: passkeys })] : []),
    ...(codes > 0 ? [t("people_admin.factor_codes", { n: codes })] : []),
  ];
  if (has.length > 0) return t("people_admin.factors", { what: has.join(", ") });
  return t(required ? "people_admin.factors_due" : "people_admin.factors_none");
}
