// Who may write in a room, how often, and who may call everybody at once.
import { LIMITS, type RoomCallers, type RoomPosting } from "../../protocol";
import { t } from "../../text/t";
import { Field } from "../common/Field";
import { spanText } from "./spans";

export interface SpeakingForm {
  posting: RoomPosting;
  slow_s: number;
  calls: RoomCallers;
}

interface SpeakingFieldsProps {
  form: SpeakingForm;
  onChange: (form: SpeakingForm) => void;
}

const POSTINGS = ["everyone", "threads", "moderators"] as const;
const CALLERS = ["auto", "everyone", "moderators", "nobody"] as const;
const WAITS_S = [5, 10, 30, 60, 300, 900, 3_600, LIMITS.SLOW_MAX_S];

export function SpeakingFields({ form, onChange }: SpeakingFieldsProps) {
  // What a program has set may be none of ours.
  const waits = WAITS_S.includes(form.slow_s) || form.slow_s === 0 ? WAITS_S : [form.slow_s, ...WAITS_S];
  return (
    <>
      <fieldset class="field">
        <legend class="field-label">{t("fields.posting")}</legend>
        <div class="choices">
          {POSTINGS.map((posting) => (
            <label key={posting} class="choice">
              <input
                type="radio"
                name="posting"
                checked={form.posting === posting}
                onChange={() => onChange({ ...form, posting })}
              />
              <span class="choice-name">{t(`fields.posting_${posting}`)}</span>
              <span class="choice-hint">{t(`fields.posting_${posting}_hint`)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Field label={t("fields.calls")} hint={t(`fields.calls_${form.calls}_hint`)}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={form.calls}
            onChange={(event) => onChange({ ...form, calls: event.currentTarget.value as RoomCallers })}
          >
            {CALLERS.map((calls) => (
              <option key={calls} value={calls}>
                {t(`fields.calls_${calls}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t("fields.slow")} hint={t("fields.slow_hint")}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={String(form.slow_s)}
            onChange={(event) => onChange({ ...form, slow_s: Number(event.currentTarget.value) })}
          >
            <option value="0">{t("fields.slow_off")}</option>
            {waits.map((seconds) => (
              <option key={seconds} value={String(seconds)}>
                {t("fields.slow_every", { time: spanText(seconds) })}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}
