// The two buttons below a form in a dialog: leave it, or do what it says.
import { t } from "../../text/t";
import { Button } from "./Button";

interface FormButtonsProps {
  submit: string;
  isBusy: boolean;
  onCancel: () => void;
  isDanger?: boolean;
}

export function FormButtons({ submit, isBusy, onCancel, isDanger = false }: FormButtonsProps) {
  return (
    <>
      <Button onClick={onCancel}>{t("dialog.cancel")}</Button>
      <Button kind={isDanger ? "danger" : "primary"} type="submit" busy={isBusy}>
        {submit}
      </Button>
    </>
  );
}
