// "For N days": a number beside its words, with what is wrong with it below.
import { LIMITS } from "../../protocol";
import { t } from "../../text/t";
import { Field } from "../common/Field";
import { daysProblem } from "./days";
import "../../styles/keeping.css";

interface DaysFieldProps {
  value: string;
  onChange: (text: string) => void;
}

export function DaysField({ value, onChange }: DaysFieldProps) {
  return (
    <Field label={t("keeping.days_label")} hint={t("keeping.days_hint")} error={daysProblem(value)}>
      {(ids) => (
        <input
          {...ids}
          class="input keeping-days"
          type="number"
          inputMode="numeric"
          min={LIMITS.RETENTION_MIN_DAYS}
          max={LIMITS.RETENTION_MAX_DAYS}
          step={1}
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
