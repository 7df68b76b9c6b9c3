// Another text or another time for a message that has not been sent.
import { useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import type { Scheduled } from "../../store/later";
import { type Key, t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Field } from "../common/Field";
import { toast } from "../common/toasts";
import { lengthOf } from "../composer/length";
import { useSubmit } from "../rooms/useSubmit";
import { chosenAt, fieldsOf, nextHour } from "./times";
import { WhenFields } from "./WhenDialog";

export function EditScheduled({ item, onClose }: { item: Scheduled; onClose: () => void }) {
  const actions = useActions();
  const [now] = useState(() => Date.now());
  const [body, setBody] = useState(item.body);
  const was = Date.parse(item.due_at);
  // What could not be sent has a time that is over: it needs another one.
  const [fields, setFields] = useState(() => fieldsOf(was > now ? was : nextHour(now)));
  const [problem, setProblem] = useState<Key | null>(null);
  const { isBusy, failure, run } = useSubmit();
  const n = lengthOf(body);
  const isTooLong = n > LIMITS.BODY_MAX_CHARS;

  const submit = (): void => {
    if (body.trim() === "" || isTooLong) return;
    const isSameTime =
      was > Date.now() && fieldsOf(was).date === fields.date && fieldsOf(was).time === fields.time;
    const at = isSameTime ? was : chosenAt(fields.date, fields.time, Date.now());
    setProblem(typeof at === "number" ? null : at);
    if (typeof at !== "number") return;
    run(async () => {
      const changed = { ...(body === item.body ? {} : { body }), ...(isSameTime ? {} : { dueAt: at }) };
      if (Object.keys(changed).length > 0) await actions.changeScheduled(item.id, changed);
      onClose();
      toast(t("settings.saved"));
    });
  };

  return (
    <Dialog
      title={t("scheduled.edit_title")}
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit" busy={isBusy} disabled={body.trim() === "" || isTooLong}>
            {t("dialog.save")}
          </Button>
        </>
      }
    >
      <Field
        label={t("scheduled.text")}
        error={isTooLong ? t("fields.too_long", { n, max: LIMITS.BODY_MAX_CHARS }) : null}
      >
        {(ids) => (
          <textarea
            {...ids}
            class="input"
            rows={5}
            dir="auto"
            data-autofocus
            value={body}
            onInput={(event) => setBody(event.currentTarget.value)}
          />
        )}
      </Field>
      <WhenFields fields={fields} onChange={setFields} now={now} />
      {problem || failure ? (
        <p class="field-error" role="alert">
          {problem ? t(problem) : failure}
        </p>
      ) : null}
    </Dialog>
  );
}
