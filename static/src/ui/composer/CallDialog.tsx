// Before many are told at once: how many, and whether that is meant.
import { t } from "../../text/t";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { closeDialog } from "../dialogs";

interface CallDialogProps {
  people: number;
  onYes: () => void;
}

export function CallDialog({ people, onYes }: CallDialogProps) {
  return (
    <Dialog
      title={t("calls.ask", { n: people })}
      width="narrow"
      onClose={closeDialog}
      onSubmit={() => {
        closeDialog();
        onYes();
      }}
      footer={
        <>
          <Button onClick={closeDialog}>{t("calls.back")}</Button>
          <Button kind="primary" type="submit">
            {t("composer.send")}
          </Button>
        </>
      }
    >
      <p class="dialog-note">{t("calls.ask_text")}</p>
    </Dialog>
  );
}
