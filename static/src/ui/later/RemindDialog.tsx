// When I want to be reminded of a message, or of something that I write down here.
import { useEffect, useState } from "preact/hooks";
import { newClientId } from "../../net/actions";
import { LIMITS } from "../../protocol";
import { dueOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Field } from "../common/Field";
import { toast } from "../common/toasts";
import { lengthOf } from "../composer/length";
import { closeDialog } from "../dialogs";
import { remindPresets } from "./times";
import { WhenDialog } from "./WhenDialog";

/** `message` is null for a reminder of a text. */
export function RemindDialog({ message }: { message: number | null }) {
  const actions = useActions();
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  // One for all tries of this dialog; another time or text is another order, and has another.
  const [ids] = useState(() => new Map<string, string>());
  const [presets] = useState(() => remindPresets(Date.now()));

  useEffect(() => setProblem(null), [text]);

  const said = text.trim();
  const check = (): boolean => {
    const wrong = problemOf(said, message !== null);
    setProblem(wrong);
    return wrong === null;
  };
  const choose = async (dueAt: number, label: string): Promise<void> => {
    const key = `${dueAt} ${said}`;
    const id = ids.get(key) ?? newClientId();
    ids.set(key, id);
    const short = label.slice(0, LIMITS.REMINDER_LABEL_MAX_CHARS);
    await actions.remind({ message, text: said, label: short, dueAt, client_reminder_id: id });
    toast(t("reminders.set", { when: dueOf(dueAt) }));
  };

  return (
    <WhenDialog
      title={message === null ? t("reminders.new") : t("reminders.title")}
      submit={t("reminders.submit")}
      presets={presets}
      check={check}
      onChoose={choose}
      onClose={closeDialog}
    >
      {message === null ? (
        <Field label={t("reminders.text")} error={problem}>
          {(field) => (
            <input
              {...field}
              class="input"
              type="text"
              dir="auto"
              autocomplete="off"
              data-autofocus
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
      ) : null}
    </WhenDialog>
  );
}

function problemOf(text: string, hasMessage: boolean): string | null {
  if (text === "") return hasMessage ? null : t("reminders.text_missing");
  const n = lengthOf(text);
  return n > LIMITS.REMINDER_TEXT_MAX_CHARS
    ? t("fields.too_long", { n, max: LIMITS.REMINDER_TEXT_MAX_CHARS })
    : null;
}
