// Delete my account: what goes, what stays, what becomes of my messages, and my password.
import { useState } from "preact/hooks";
import type { ErasedMessages } from "../../net/actions";
import { ActionError } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Field } from "../common/Field";
import { closeDialog } from "../dialogs";
import { errorText } from "../errors";
import { me } from "../selectors";
import "../../styles/keeping.css";

const CHOICES = ["keep", "remove"] as const;
/** As much as the server takes. */
const PASSWORD_MAX_CHARS = 1_000;

export function EraseMeDialog() {
  const actions = useActions();
  const [messages, setMessages] = useState<ErasedMessages>("keep");
  const [password, setPassword] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const isWrong = failure instanceof ActionError && failure.code === "forbidden";

  const submit = (): void => {
    if (isBusy || password === "") return;
    setBusy(true);
    setFailure(null);
    // When it is done there is no page any more to be busy.
    actions.eraseMe(password, messages).catch((error: unknown) => {
      setFailure(error);
      setBusy(false);
    });
  };

  return (
    <Dialog
      title={t("erase.title")}
      onClose={closeDialog}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={closeDialog}>{t("dialog.cancel")}</Button>
          <Button kind="danger" type="submit" busy={isBusy} disabled={password === ""}>
            {t("erase.submit")}
          </Button>
        </>
      }
    >
      <dl class="erase-facts">
        <dt>{t("erase.goes")}</dt>
        <dd>{t("erase.goes_text")}</dd>
        <dt>{t("erase.stays")}</dt>
        <dd>{t("erase.stays_text")}</dd>
      </dl>
      <fieldset class="field">
        <legend class="field-label">{t("erase.messages")}</legend>
        <div class="choices">
          {CHOICES.map((choice) => (
            <label key={choice} class="choice">
              <input
                type="radio"
                name="messages"
                checked={messages === choice}
                onChange={() => setMessages(choice)}
              />
              <span class="choice-name">{t(`erase.${choice}`)}</span>
              <span class="choice-hint">{t(`erase.${choice}_hint`)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Field label={t("erase.password")} error={isWrong ? eraseProblem(failure, messages) : null}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="password"
            autocomplete="current-password"
            maxLength={PASSWORD_MAX_CHARS}
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        )}
      </Field>
      {failure && !isWrong ? (
        <p class="field-error" role="alert">
          {eraseProblem(failure, messages)}
        </p>
      ) : null}
    </Dialog>
  );
}

/** Why the account is still there, and what to do. */
export function eraseProblem(error: unknown, messages: ErasedMessages): string {
  if (!(error instanceof ActionError)) return errorText(error);
  if (error.code === "forbidden") return t("erase.wrong_password");
  if (error.code === "rate_limited") return t("erase.too_many_tries");
  if (error.code !== "conflict") return errorText(error);
  const { role } = me.value;
  const runs = role === "owner" || role === "admin";
  if (messages === "keep") return t("erase.last");
  return t(runs ? "erase.last_or_held" : "erase.held");
}
