// Another name for an emoji of the workspace's own.
import { useState } from "preact/hooks";
import { ActionError } from "../../net/actions";
import type { CustomEmoji } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { EmojiSign } from "../common/EmojiSign";
import { Failure } from "../common/Failure";
import { Field } from "../common/Field";
import { toast } from "../common/toasts";
import { useSubmit } from "../rooms/useSubmit";
import * as calls from "./calls";
import { cleanedName, isName } from "./drawing";
import "../../styles/own-emoji.css";

export function AliasDialog({ emoji, onClose }: { emoji: CustomEmoji; onClose: () => void }) {
  const { rest } = useActions();
  const [alias, setAlias] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const { isBusy, failure, run } = useSubmit();
  const isReady = isName(alias);
  return (
    <Dialog
      title={t("own_emoji.alias_title", { name: emoji.name })}
      width="narrow"
      onClose={onClose}
      onSubmit={() => {
        if (!isReady) return;
        setProblem(null);
        run(async () => {
          try {
            await calls.call(rest, emoji.name, alias);
            toast(t("own_emoji.alias_added", { name: emoji.name, alias }));
            onClose();
          } catch (error) {
            const code = error instanceof ActionError ? error.code : "";
            if (code === "conflict") setProblem(t("own_emoji.taken", { name: alias }));
            else if (code === "too_many") setProblem(t("own_emoji.too_many"));
            else throw error;
          }
        });
      }}
      footer={
        <>
          <Button onClick={onClose}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit" busy={isBusy} disabled={!isReady}>
            {t("dialog.save")}
          </Button>
        </>
      }
    >
      <p class="dialog-note emoji-alias-note">
        <EmojiSign emoji={`:${emoji.name}:`} /> {t("own_emoji.alias_text", { name: emoji.name })}
      </p>
      <Field label={t("own_emoji.alias")} hint={t("own_emoji.name_hint")}>
        {(ids) => (
          <span class="emoji-name-box">
            <span aria-hidden="true">:</span>
            <input
              {...ids}
              class="input"
              type="text"
              data-autofocus
              autocomplete="off"
              autocapitalize="none"
              spellcheck={false}
              maxLength={32}
              value={alias}
              onInput={(event) => {
                const typed = event.currentTarget.value;
                setProblem(null);
                setAlias(event.isComposing ? typed : cleanedName(typed));
              }}
              onCompositionEnd={(event) => setAlias(cleanedName(event.currentTarget.value))}
            />
            <span aria-hidden="true">:</span>
          </span>
        )}
      </Field>
      <Failure text={problem ?? failure} />
    </Dialog>
  );
}
