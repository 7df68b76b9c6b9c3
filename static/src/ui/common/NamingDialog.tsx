// One name is asked for.
import { useState } from "preact/hooks";
import { t } from "../../text/t";
import { closeDialog } from "../dialogs";
import { useSubmit } from "../rooms/useSubmit";
import { Dialog } from "./Dialog";
import { Field } from "./Field";
import { FormButtons } from "./FormButtons";

interface NamingDialogProps {
  title: string;
  hint: string;
  /** As it is now; empty for a new one. */
  name: string;
  maxLength: number;
  /** Why a name will not do, or null. */
  problemOf: (name: string) => string | null;
  /** Store it, trimmed; what it throws is said below the field. */
  onName: (name: string) => Promise<void>;
}

export function NamingDialog({ title, hint, name: known, maxLength, problemOf, onName }: NamingDialogProps) {
  const [name, setName] = useState(known);
  const [isTried, setTried] = useState(false);
  const { isBusy, failure, run } = useSubmit();
  const problem = isTried ? problemOf(name) : null;
  const submit = (): void => {
    setTried(true);
    if (problemOf(name)) return;
    run(async () => {
      await onName(name.trim());
      closeDialog();
    });
  };
  return (
    <Dialog
      title={title}
      width="narrow"
      onClose={closeDialog}
      onSubmit={submit}
      footer={<FormButtons submit={t("dialog.save")} isBusy={isBusy} onCancel={closeDialog} />}
    >
      <Field label={t("fields.name")} hint={hint} error={problem ?? failure}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="text"
            autocomplete="off"
            dir="auto"
            maxLength={maxLength}
            value={name}
            data-autofocus
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
