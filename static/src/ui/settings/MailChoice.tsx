// Whether I am told by mail at all, how it is gathered, and why no mail can reach me.
import type { NotificationSettings } from "../../net/actions";
import { dueOf } from "../../text/dates";
import { t } from "../../text/t";
import { tell } from "../common/toasts";
import type { Change } from "./NotificationsSection";

interface MailChoiceProps {
  settings: NotificationSettings;
  onChange: Change;
}

const DIGESTS = ["off", "daily", "weekly"] as const;

export function MailChoice({ settings, onChange }: MailChoiceProps) {
  const { mail, digest, no_mail: noMail, email, next_digest_at: next } = settings;
  return (
    <section class="settings-card">
      <h2>{t("notify.mail")}</h2>
      {noMail ? (
        <p class="settings-warning" role="status">
          {t(`notify.no_mail_${noMail}`, { email })}{" "}
          {noMail === "no_address" || noMail === "unconfirmed" ? (
            <a href="/accounts/email/">{t("settings.email")}</a>
          ) : null}
        </p>
      ) : null}
      <label class="switch-row">
        <input
          type="checkbox"
          class="switch"
          checked={mail}
          onChange={(event) => {
            const field = event.currentTarget;
            void tell(onChange({ mail: field.checked })).then((isDone) => {
              if (!isDone) field.checked = mail;
            });
          }}
        />
        <span>
          <span class="switch-name">{t("notify.mail_on")}</span>
          <span class="field-hint">{t("notify.mail_hint", { email: email || "–" })}</span>
        </span>
      </label>
      <fieldset class="field">
        <legend class="field-label">{t("notify.digest")}</legend>
        <div class="choices-row">
          {DIGESTS.map((choice) => (
            <label key={choice} class="choice">
              <input
                type="radio"
                name="digest"
                checked={digest === choice}
                onChange={(event) => {
                  const field = event.currentTarget;
                  void tell(onChange({ digest: choice })).then((isDone) => {
                    if (!isDone) field.checked = digest === choice;
                  });
                }}
              />
              <span class="choice-name">{t(`notify.digest_${choice}`)}</span>
            </label>
          ))}
        </div>
        <p class="field-hint">
          {t("notify.digest_hint")} {next ? t("notify.digest_next", { when: dueOf(next) }) : null}
        </p>
      </fieldset>
    </section>
  );
}
