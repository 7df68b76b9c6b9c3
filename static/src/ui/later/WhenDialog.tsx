// When? The usual times at one press, or a day and a time by the clock of this device.
import { Clock } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { dueOf, timeOf } from "../../text/dates";
import { type Key, t } from "../../text/t";
import { Dialog } from "../common/Dialog";
import { Field } from "../common/Field";
import { FormButtons } from "../common/FormButtons";
import { useSubmit } from "../rooms/useSubmit";
import { chosenAt, fieldsOf, lastDay, nextHour, type Preset } from "./times";
import "../../styles/later.css";

interface WhenDialogProps {
  title: string;
  submit: string;
  presets: readonly Preset[];
  /** What the fields show at first; the next full hour when it is left out. */
  at?: number | undefined;
  /** Rejects when it cannot be done; the dialog then stays and says why. `label` is what was pressed. */
  onChoose: (at: number, label: string) => Promise<void>;
  onClose: () => void;
  /** Looks at the fields in `children` first; false: they say themselves what is wrong. */
  check?: () => boolean;
  children?: ComponentChildren;
}

export function WhenDialog(props: WhenDialogProps) {
  const { title, submit, presets, at, onChoose, onClose, check, children } = props;
  const [now] = useState(() => Date.now());
  const [fields, setFields] = useState(() => fieldsOf(at ?? nextHour(now)));
  const [problem, setProblem] = useState<Key | null>(null);
  const { isBusy, failure, run } = useSubmit();

  const choose = (when: number, label: string): void => {
    if (check && !check()) return;
    run(async () => {
      await onChoose(when, label);
      onClose();
    });
  };
  const submitFields = (): void => {
    const chosen = chosenAt(fields.date, fields.time, Date.now());
    setProblem(typeof chosen === "number" ? null : chosen);
    if (typeof chosen === "number") choose(chosen, dueOf(chosen));
  };

  return (
    <Dialog
      title={title}
      width="narrow"
      onClose={onClose}
      onSubmit={submitFields}
      footer={<FormButtons submit={submit} isBusy={isBusy} onCancel={onClose} />}
    >
      {children}
      {presets.length > 0 ? (
        <ul class="when-presets" aria-label={t("later.usual")}>
          {presets.map((preset, number) => (
            <li key={preset.key}>
              <button
                type="button"
                class="when-preset"
                disabled={isBusy}
                data-autofocus={(number === 0 && !children) || undefined}
                onClick={() => choose(preset.at, t(preset.key))}
              >
                <Clock size={16} strokeWidth={1.75} aria-hidden="true" />
                <span>{t(preset.key)}</span>
                <span class="when-preset-at">{timeOf(preset.at)}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <WhenFields fields={fields} onChange={setFields} now={now} />
      {problem || failure ? (
        <p class="field-error" role="alert">
          {problem ? t(problem) : failure}
        </p>
      ) : null}
    </Dialog>
  );
}

interface WhenFieldsProps {
  fields: { date: string; time: string };
  onChange: (fields: { date: string; time: string }) => void;
  now: number;
}

/** A day and a time. */
export function WhenFields({ fields, onChange, now }: WhenFieldsProps) {
  return (
    <div class="when-fields">
      <Field label={t("later.date")}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="date"
            required
            min={fieldsOf(now).date}
            max={lastDay(now)}
            value={fields.date}
            onInput={(event) => onChange({ ...fields, date: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t("later.time")}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="time"
            required
            value={fields.time}
            onInput={(event) => onChange({ ...fields, time: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  );
}
