// A link that lets somebody new into the workspace.
import { Copy } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { Button } from "../common/Button";
import { copyText } from "../common/copy";
import { Dialog } from "../common/Dialog";
import { Field } from "../common/Field";
import { Failed, Skeleton } from "../common/States";
import { closeDialog } from "../dialogs";
import { errorText } from "../errors";
import "../../styles/invite.css";

export function InviteDialog() {
  const actions = useActions();
  const { workspace } = useConfig();
  const [url, setUrl] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [trial, setTrial] = useState(0);

  useEffect(() => {
    let isGone = false;
    setFailure(null);
    actions.invite().then(
      (made) => {
        if (!isGone) setUrl(made);
      },
      (error: unknown) => {
        if (!isGone) setFailure(errorText(error));
      },
    );
    return () => {
      isGone = true;
    };
  }, [trial]);

  return (
    <Dialog
      title={t("invite.title", { workspace })}
      onClose={closeDialog}
      footer={<Button onClick={closeDialog}>{t("dialog.done")}</Button>}
    >
      {failure ? <Failed text={failure} onRetry={() => setTrial(trial + 1)} /> : null}
      {!url && !failure ? <Skeleton rows={1} /> : null}
      {url ? (
        <Field label={t("invite.link")} hint={t("invite.hint")}>
          {(ids) => (
            <div class="invite-link">
              <input
                {...ids}
                class="input"
                readOnly
                value={url}
                dir="ltr"
                onFocus={(event) => event.currentTarget.select()}
              />
              <Button kind="primary" icon={Copy} onClick={() => void copyText(url)}>
                {t("invite.copy")}
              </Button>
            </div>
          )}
        </Field>
      ) : null}
    </Dialog>
  );
}
