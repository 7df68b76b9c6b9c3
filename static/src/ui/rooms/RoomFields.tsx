// The fields that a new room and the settings of a room share.
import { LIMITS } from "../../protocol";
import { t } from "../../text/t";
import { Field } from "../common/Field";

export interface RoomForm {
  name: string;
  topic: string;
  kind: "open" | "closed";
}

interface RoomFieldsProps {
  form: RoomForm;
  onChange: (form: RoomForm) => void;
  isTried: boolean;
  autoFocus?: boolean;
}

/** What is wrong with a name, or null. */
export function nameProblem(name: string): string | null {
  if (name.trim() === "") return t("fields.name_missing");
  const length = [...name].length;
  return length > LIMITS.NAME_MAX_CHARS
    ? t("fields.too_long", { n: length, max: LIMITS.NAME_MAX_CHARS })
    : null;
}

export function RoomFields({ form, onChange, isTried, autoFocus = false }: RoomFieldsProps) {
  return (
    <>
      <Field label={t("fields.name")} error={isTried ? nameProblem(form.name) : null}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="text"
            required
            autocomplete="off"
            dir="auto"
            maxLength={LIMITS.NAME_MAX_CHARS}
            placeholder={t("fields.name_example")}
            value={form.name}
            data-autofocus={autoFocus || undefined}
            onInput={(event) => onChange({ ...form, name: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t("fields.topic")} hint={t("fields.topic_hint")}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="text"
            autocomplete="off"
            dir="auto"
            maxLength={LIMITS.TOPIC_MAX_CHARS}
            value={form.topic}
            onInput={(event) => onChange({ ...form, topic: event.currentTarget.value })}
          />
        )}
      </Field>
    </>
  );
}

interface KindChoiceProps {
  value: "open" | "closed";
  onChange: (kind: "open" | "closed") => void;
}

export function KindChoice({ value, onChange }: KindChoiceProps) {
  return (
    <fieldset class="field">
      <legend class="field-label">{t("fields.kind")}</legend>
      <div class="choices">
        {(["open", "closed"] as const).map((kind) => (
          <label key={kind} class="choice">
            <input
              type="radio"
              name="kind"
              value={kind}
              checked={value === kind}
              onChange={() => onChange(kind)}
            />
            <span class="choice-name">{t(`fields.kind_${kind}`)}</span>
            <span class="choice-hint">{t(`fields.kind_${kind}_hint`)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
