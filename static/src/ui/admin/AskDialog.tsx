// A question before something is done to somebody, with the reason that goes into the record.

import { useState } from "preact/hooks";
import { t } from "../../text/t";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { ReasonField } from "../moderation/ReasonField";
import { useSubmit } from "../rooms/useSubmit";

interface AskDialogProps {
  title: string;
  text: string;
  submit: string;
  danger?: boolean;
  withReason?: boolean;
  onClose: () => void;
  onSubmit: (reason: string) => Promise<void>;
}

export function AskDialog(props: AskDialogProps) {
  const { title, text, submit, danger = false, withReason = true, onClose, onSubmit } = props;
  const [reason, setReason] = useState("");
  const { isBusy, failure, run } = useSubmit();
  return (
    <Dialog
      title={title}
      width="narrow"
      onClose={onClose}
      onSubmit={() =>
        run(async () => {
          await onSubmit(reason.trim());
          onClose();
        })
      }
      footer={
        <>
          <Button onClick={onClose}>{t("dialog.cancel")}</Button>
          <Button kind={danger ? "danger" : "primary"} type="submit" busy={isBusy}>
            {submit}
          </Button>
        </>
      }
    >
      <p class="dialog-note">{text}</p>
      {withReason ? <ReasonField value={reason} onInput={setReason} hint={t("admin.reason_hint")} /> : null}
      <Failure text={failure} />
    </Dialog>
  );
}
