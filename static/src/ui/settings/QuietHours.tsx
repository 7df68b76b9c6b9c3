// Hours in which no mail comes, by the clock of my time zone.
import { useState } from "preact/hooks";
import type { NotificationSettings } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { Field } from "../common/Field";
import { tell, toast } from "../common/toasts";
import { useSubmit } from "../rooms/useSubmit";
import type { Change } from "./NotificationsSection";

interface QuietHoursProps {
  settings: NotificationSettings;
  onChange: Change;
  /** My time zone is another one now. */
  onZone: () => void;
}

const USUAL = { from: "22:00", to: "08:00" };

export function QuietHours({ settings, onChange, onZone }: QuietHoursProps) {
  const { quiet_from: from, quiet_to: to, time_zone: zone } = settings;
  const actions = useActions();
  const [fields, setFields] = useState({ from: from || USUAL.from, to: to || USUAL.to });
  const { isBusy, failure, run } = useSubmit();
  const isOn = from !== "";
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const problem = fields.from && fields.from === fields.to ? t("notify.quiet_same") : null;
  const isSame = isOn && fields.from === from && fields.to === to;

  const save = (next: { from: string; to: string }): void =>
    run(async () => {
      await onChange({ quiet_from: next.from, quiet_to: next.to });
      toast(t("settings.saved"));
    });
  const useZone = async (): Promise<void> => {
    if (await tell(actions.updateMe({ time_zone: here }))) onZone();
  };

  return (
    <section class="settings-card">
      <h2>{t("notify.quiet")}</h2>
      <p class="field-hint">{t("notify.quiet_hint", { zone })}</p>
      <form
        class="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (fields.from && fields.to && !problem) save(fields);
        }}
      >
        <div class="when-fields">
          {(["from", "to"] as const).map((name) => (
            <Field key={name} label={t(`notify.quiet_${name}`)} error={name === "to" ? problem : null}>
              {(ids) => (
                <input
                  {...ids}
                  class="input"
                  type="time"
                  required
                  value={fields[name]}
                  onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
                />
              )}
            </Field>
          ))}
        </div>
        <Failure text={failure} />
        <div class="settings-buttons">
          <Button
            kind="primary"
            type="submit"
            busy={isBusy}
            disabled={isSame || problem !== null || !fields.from || !fields.to}
          >
            {isOn ? t("dialog.save") : t("notify.quiet_on")}
          </Button>
          {isOn ? (
            <Button busy={isBusy} onClick={() => save({ from: "", to: "" })}>
              {t("notify.quiet_off")}
            </Button>
          ) : null}
        </div>
      </form>
      {here && here !== zone ? (
        <div class="settings-out">
          <p>{t("notify.zone_other", { here })}</p>
          <Button small onClick={() => void useZone()}>
            {t("notify.zone_use", { here })}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
