// Tell those in charge about a message; who wrote it never learns of whom.

import { useState } from "preact/hooks";
import type { ReportKind } from "../../net/actions";
import { LIMITS, type Message } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { Field } from "../common/Field";
import { toast } from "../common/toasts";
import { closeDialog } from "../dialogs";
import { useSubmit } from "../rooms/useSubmit";
import "../../styles/moderation.css";

export const REPORT_KINDS = ["spam", "abuse", "private", "other"] as const;

export function ReportDialog({ message }: { message: Message }) {
  const actions = useActions();
  const [kind, setKind] = useState<ReportKind>("spam");
  const [text, setText] = useState("");
  const { isBusy, failure, run } = useSubmit();
  const lacksWords = kind === "other" && text.trim() === "";
  return (
    <Dialog
      title={t("report.title")}
      onClose={closeDialog}
      onSubmit={() => {
        if (lacksWords) return;
        run(async () => {
          await actions.report(message.id, kind, text.trim());
          closeDialog();
          toast(t("report.sent"));
        });
      }}
      footer={
        <>
          <Button onClick={closeDialog}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit" busy={isBusy} disabled={lacksWords}>
            {t("report.send")}
          </Button>
        </>
      }
    >
      <blockquote class="reported-quote">
        <bdi class="reported-name">{message.sender.name}</bdi>
        <p dir="auto">{message.body || t("report.files_only")}</p>
      </blockquote>
      <fieldset class="choices">
        <legend class="field-label">{t("report.why")}</legend>
        {REPORT_KINDS.map((one) => (
          <label key={one} class="choice">
            <input type="radio" name="kind" checked={kind === one} onChange={() => setKind(one)} />
            <span class="choice-name">{t(`report.kind_${one}`)}</span>
          </label>
        ))}
      </fieldset>
      <Field label={t("report.words")} hint={t("report.words_hint")}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            type="text"
            dir="auto"
            autocomplete="off"
            maxLength={LIMITS.REASON_MAX_CHARS}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <p class="field-hint">{t("report.hidden")}</p>
      <Failure text={failure} />
    </Dialog>
  );
}
