// For how long somebody is muted or kept out.
import { t } from "../../text/t";
import { Field } from "../common/Field";

const CHOICES = [
  [10, "moderate.for_10_minutes"],
  [60, "moderate.for_hour"],
  [1_440, "moderate.for_day"],
  [10_080, "moderate.for_week"],
  [43_200, "moderate.for_month"],
] as const;

interface DurationFieldProps {
  /** In minutes; null has no end. */
  value: number | null;
  onChange: (minutes: number | null) => void;
}

export function DurationField({ value, onChange }: DurationFieldProps) {
  return (
    <Field label={t("moderate.for")}>
      {(ids) => (
        <select
          {...ids}
          class="input"
          value={value ?? ""}
          onChange={(event) =>
            onChange(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))
          }
        >
          {CHOICES.map(([minutes, key]) => (
            <option key={minutes} value={minutes}>
              {t(key)}
            </option>
          ))}
          <option value="">{t("moderate.for_good")}</option>
        </select>
      )}
    </Field>
  );
}
