// Why something is done to somebody: told in the room, and kept in the record.
import { LIMITS } from "../../protocol";
import { t } from "../../text/t";
import { Field } from "../common/Field";

interface ReasonFieldProps {
  value: string;
  onInput: (text: string) => void;
  hint?: string;
}

export function ReasonField({ value, onInput, hint = t("moderate.reason_hint") }: ReasonFieldProps) {
  return (
    <Field label={t("moderate.reason")} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          class="input"
          type="text"
          dir="auto"
          autocomplete="off"
          maxLength={LIMITS.REASON_MAX_CHARS}
          value={value}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
