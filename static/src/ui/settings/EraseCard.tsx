// The way out for good: what it means stands here, the question is asked in a dialog.
import { UserX } from "lucide-preact";
import { t } from "../../text/t";
import { Button } from "../common/Button";
import { dialog } from "../dialogs";

export function EraseCard() {
  return (
    <section class="settings-card settings-out">
      <div class="settings-end">
        <h2>{t("erase.title")}</h2>
        <p>{t("erase.hint")}</p>
      </div>
      <Button
        icon={UserX}
        onClick={() => {
          dialog.value = { kind: "erase_me" };
        }}
      >
        {t("erase.open")}
      </Button>
    </section>
  );
}
