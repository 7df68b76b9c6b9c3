// A new emoji of the workspace's own, or another picture of one: the picture, how it will look, and its name.
import { useState } from "preact/hooks";
import { ActionError } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { Field } from "../common/Field";
import { toast } from "../common/toasts";
import { useSubmit } from "../rooms/useSubmit";
import * as calls from "./calls";
import { cleanedName, fitting, isName, nameOf } from "./drawing";
import { PictureField } from "./PictureField";
import "../../styles/own-emoji.css";

/** Drawn smaller here only where a picture is far too large to be sent. */
const SIDE_PX = 512;

interface EmojiDialogProps {
  /** Of one that is to have another picture; null: a new one. */
  name: string | null;
  onClose: () => void;
}

export function EmojiDialog({ name: known, onClose }: EmojiDialogProps) {
  const { rest } = useActions();
  const [picture, setPicture] = useState<File | null>(null);
  const [name, setName] = useState(known ?? "");
  const [problem, setProblem] = useState<string | null>(null);
  const { isBusy, failure, run } = useSubmit();
  const isReady = picture !== null && isName(name);

  const submit = (): void => {
    if (!picture || !isReady) return;
    setProblem(null);
    run(async () => {
      const small = await fitting(picture, SIDE_PX);
      if (!small) {
        setProblem(t("own_emoji.too_large"));
        return;
      }
      try {
        const made = await calls.put(rest, name, small);
        toast(
          made.left_out > 0
            ? t("own_emoji.still", { name: made.name })
            : t("own_emoji.added", { name: made.name }),
        );
        onClose();
      } catch (error) {
        const code = error instanceof ActionError ? error.code : "";
        if (code === "conflict") setProblem(t("own_emoji.taken", { name }));
        else if (code === "bad_frame") setProblem(t("own_emoji.no_picture"));
        else if (code === "too_many") setProblem(t("own_emoji.too_many"));
        else throw error;
      }
    });
  };

  return (
    <Dialog
      title={known === null ? t("own_emoji.add") : t("own_emoji.replace_title", { name: known })}
      width="narrow"
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit" busy={isBusy} disabled={!isReady}>
            {t("dialog.save")}
          </Button>
        </>
      }
    >
      <PictureField
        label={t(picture ? "own_emoji.choose_other" : "own_emoji.choose")}
        hint={t("own_emoji.choose_hint")}
        picture={picture}
        onChoose={(file) => {
          setPicture(file);
          setProblem(null);
          if (known === null && name === "") setName(nameOf(file.name));
        }}
      >
        {(address) => (
          <>
            <img class="picture-large" src={address} alt="" />
            <span class="picture-line" aria-hidden="true">
              <img class="emoji-image" src={address} alt="" /> {t("own_emoji.in_text")}
            </span>
          </>
        )}
      </PictureField>
      {known === null ? (
        <Field label={t("own_emoji.name")} hint={t("own_emoji.name_hint")}>
          {(ids) => (
            <span class="emoji-name-box">
              <span aria-hidden="true">:</span>
              <input
                {...ids}
                class="input"
                type="text"
                autocomplete="off"
                autocapitalize="none"
                spellcheck={false}
                maxLength={32}
                value={name}
                onInput={(event) => {
                  const typed = event.currentTarget.value;
                  setProblem(null);
                  // A syllable that is being put together must not be touched.
                  setName(event.isComposing ? typed : cleanedName(typed));
                }}
                onCompositionEnd={(event) => setName(cleanedName(event.currentTarget.value))}
              />
              <span aria-hidden="true">:</span>
            </span>
          )}
        </Field>
      ) : null}
      <Failure text={problem ?? failure} />
    </Dialog>
  );
}
