// A message being edited in its own place: Enter saves, Esc leaves it as it was.
import { useState } from "preact/hooks";
import { LIMITS, type Message } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { tell } from "../common/toasts";
import { lengthOf } from "../composer/length";
import { TextBox } from "../composer/TextBox";
import { dialog } from "../dialogs";
import { isTouch } from "../layout";
import { editing } from "./editing";
import "../../styles/edit-box.css";

export function EditBox({ message }: { message: Message }) {
  const actions = useActions();
  const [text, setText] = useState(message.body);
  const [isBusy, setBusy] = useState(false);
  const over = lengthOf(text) - LIMITS.BODY_MAX_CHARS;

  const close = (): void => {
    editing.value = null;
    // Back to where one came from: the empty text at the foot.
    requestAnimationFrame(() => {
      const place = document.querySelector<HTMLElement>(`[data-key="m-${message.id}"]`);
      const foot = place?.closest("[data-column]")?.querySelector<HTMLElement>(".composer textarea");
      if (!isTouch()) (foot ?? place)?.focus();
    });
  };
  const save = async (): Promise<void> => {
    if (over > 0 || isBusy) return;
    if (text === message.body) {
      close();
      return;
    }
    // Files say enough by themselves; without them nothing is left of it.
    if (text.trim() === "" && message.attachments.length === 0 && !message.quote) {
      dialog.value = { kind: "delete_message", message };
      close();
      return;
    }
    setBusy(true);
    const isDone = await tell(actions.edit(message.id, text, message.edited_at));
    setBusy(false);
    if (isDone) close();
  };

  return (
    <form
      class="edit-box"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div class="edit-box-field">
        <TextBox
          room={message.room}
          isAnswer={message.parent !== null && message.msg_no === null}
          value={text}
          label={t("message.edit_label")}
          invalid={over > 0}
          autoFocus
          onInput={setText}
          onSend={() => void save()}
          onEscape={close}
        />
      </div>
      <div class="edit-box-foot">
        <span class="edit-box-hint">
          {over > 0 ? t("composer.over", { n: over }) : isTouch() ? "" : t("message.edit_hint")}
        </span>
        <Button small onClick={close}>
          {t("dialog.cancel")}
        </Button>
        <Button small kind="primary" type="submit" busy={isBusy} disabled={over > 0}>
          {t("dialog.save")}
        </Button>
      </div>
    </form>
  );
}
