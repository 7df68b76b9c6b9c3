// What am I doing? An emoji, some words, and when that ends.
import { SmilePlus } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import { timeOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { EmojiPicker } from "../common/EmojiPicker";
import { EmojiSign } from "../common/EmojiSign";
import { Field } from "../common/Field";
import { chosenAt, fieldsOf, nextHour } from "../later/times";
import { WhenFields } from "../later/WhenDialog";
import { useSubmit } from "../rooms/useSubmit";
import { me } from "../selectors";
import { useDoing } from "./Doing";
import { ENDS, type End, endAt, USUAL, type Usual } from "./doingTimes";
import "../../styles/doing.css";

export function DoingDialog({ onClose }: { onClose: () => void }) {
  const actions = useActions();
  const mine = useDoing(me.value.doing);
  const [now] = useState(() => Date.now());
  const [emoji, setEmoji] = useState(mine?.emoji ?? "");
  const [text, setText] = useState(mine?.text ?? "");
  const [end, setEnd] = useState<End>(mine?.until ? "choose" : "never");
  const [fields, setFields] = useState(() => fieldsOf(mine?.until ? Date.parse(mine.until) : nextHour(now)));
  const [problem, setProblem] = useState<string | null>(null);
  const { isBusy, failure, run } = useSubmit();
  const isEmpty = emoji === "" && text.trim() === "";

  const say = (what: { emoji: string; text: string }, until: number | null): void =>
    run(async () => {
      await actions.sayDoing({ ...what, until: until === null ? null : new Date(until).toISOString() });
      onClose();
    });
  const take = ({ emoji: usual, text: key, end: until }: Usual): void =>
    say({ emoji: usual, text: t(key) }, endAt(until, Date.now()));
  const submit = (): void => {
    if (isEmpty) return;
    const chosen = end === "choose" ? chosenAt(fields.date, fields.time, Date.now()) : endAt(end, Date.now());
    setProblem(typeof chosen === "string" ? t(chosen) : null);
    if (typeof chosen !== "string") say({ emoji, text: text.trim() }, chosen);
  };

  return (
    <Dialog
      title={t("doing.title")}
      width="narrow"
      onClose={onClose}
      onSubmit={submit}
      footer={
        <>
          {mine ? (
            <Button
              busy={isBusy}
              onClick={() =>
                run(async () => {
                  await actions.sayDoing(null);
                  onClose();
                })
              }
            >
              {t("doing.clear")}
            </Button>
          ) : (
            <Button onClick={onClose}>{t("dialog.cancel")}</Button>
          )}
          <Button kind="primary" type="submit" busy={isBusy} disabled={isEmpty}>
            {t("dialog.save")}
          </Button>
        </>
      }
    >
      <div class="doing-line">
        <EmojiButton emoji={emoji} onPick={setEmoji} />
        <Field label={t("doing.what")}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              type="text"
              dir="auto"
              data-autofocus
              maxLength={LIMITS.DOING_MAX_CHARS}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      {mine ? null : (
        <ul class="doing-usual" aria-label={t("doing.usual")}>
          {USUAL.map((usual) => (
            <li key={usual.text}>
              <button type="button" class="doing-one" disabled={isBusy} onClick={() => take(usual)}>
                <span aria-hidden="true">{usual.emoji}</span>
                <span>{t(usual.text)}</span>
                <span class="doing-end">{endWords(usual.end, now)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <Field label={t("doing.ends")}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={end}
            onChange={(event) => setEnd(event.currentTarget.value as End)}
          >
            {ENDS.map((one) => (
              <option key={one} value={one}>
                {t(`doing.end_${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {end === "choose" ? <WhenFields fields={fields} onChange={setFields} now={now} /> : null}
      {problem || failure ? (
        <p class="field-error" role="alert">
          {problem ?? failure}
        </p>
      ) : null}
    </Dialog>
  );
}

function endWords(end: End, now: number): string {
  const at = endAt(end, now);
  return at === null ? t("doing.end_never") : end === "today" ? t("doing.end_today") : timeOf(at);
}

function EmojiButton({ emoji, onPick }: { emoji: string; onPick: (emoji: string) => void }) {
  const ref = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button
        ref={ref}
        type="button"
        class="doing-emoji-button"
        aria-label={emoji ? t("doing.emoji_other", { emoji }) : t("doing.emoji")}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {emoji ? <EmojiSign emoji={emoji} /> : <SmilePlus size={20} strokeWidth={1.75} aria-hidden="true" />}
      </button>
      {isOpen && ref.current ? (
        <EmojiPicker
          anchor={ref.current}
          mayAdd={false}
          onPick={(picked) => {
            setOpen(false);
            onPick(picked);
          }}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </>
  );
}
