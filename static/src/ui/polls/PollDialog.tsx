// A new poll: what is asked, what can be chosen, and by which rules.
import { Plus, X } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Field } from "../common/Field";
import { IconButton } from "../common/IconButton";
import { closeDialog } from "../dialogs";
import "../../styles/poll.css";

interface PollDialogProps {
  room: number;
  parent: number | null;
  /** What stands in the composer: asked, it is not written any more. */
  question: string;
  place: string;
}

const HOUR_MS = 3_600_000;
const ENDS = [
  ["poll.end_hour", HOUR_MS],
  ["poll.end_day", 24 * HOUR_MS],
  ["poll.end_days", 72 * HOUR_MS],
  ["poll.end_week", 168 * HOUR_MS],
] as const;

export function PollDialog({ room, parent, question: begun, place }: PollDialogProps) {
  const actions = useActions();
  const [question, setQuestion] = useState(begun);
  const [options, setOptions] = useState(["", ""]);
  const [isMultiple, setMultiple] = useState(false);
  const [isAnonymous, setAnonymous] = useState(false);
  const [endMs, setEnd] = useState(0);
  const [hasTried, setTried] = useState(false);
  const list = useRef<HTMLOListElement>(null);

  const given = options.map((text) => text.replace(/\s+/g, " ").trim());
  const filled = given.filter((text) => text !== "");
  const isTwice = new Set(filled).size < filled.length;
  const lacksQuestion = question.trim() === "";
  const problem = isTwice ? t("poll.twice") : filled.length < 2 ? t("poll.too_few") : null;

  const submit = (): void => {
    setTried(true);
    if (lacksQuestion || problem) return;
    const closes_at = endMs > 0 ? new Date(Date.now() + endMs).toISOString() : null;
    actions.post(room, question.trim(), parent, [], null, {
      poll: { options: filled, multiple: isMultiple, anonymous: isAnonymous, closes_at },
    });
    if (begun !== "") actions.keepDraft(place, "");
    closeDialog();
  };
  const write = (at: number, text: string): void => setOptions(options.with(at, text));
  const add = (): void => {
    setOptions([...options, ""]);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>("li:last-child input")?.focus());
  };

  return (
    <Dialog
      title={t("poll.new")}
      width="narrow"
      onClose={closeDialog}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={closeDialog}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit">
            {t("poll.submit")}
          </Button>
        </>
      }
    >
      <Field label={t("poll.question")} error={hasTried && lacksQuestion ? t("poll.no_question") : null}>
        {(ids) => (
          <textarea
            {...ids}
            class="input"
            rows={2}
            maxLength={LIMITS.BODY_MAX_CHARS}
            value={question}
            onInput={(event) => setQuestion(event.currentTarget.value)}
          />
        )}
      </Field>
      <fieldset class="poll-fields">
        <legend class="field-label">{t("poll.options")}</legend>
        <ol ref={list} class="poll-inputs">
          {options.map((text, at) => (
            <li key={at}>
              <input
                class="input"
                dir="auto"
                aria-label={t("poll.option", { n: at + 1 })}
                placeholder={t("poll.option", { n: at + 1 })}
                maxLength={LIMITS.POLL_OPTION_MAX_CHARS}
                value={text}
                onInput={(event) => write(at, event.currentTarget.value)}
              />
              {options.length > 2 ? (
                <IconButton
                  icon={X}
                  small
                  label={t("poll.remove_option", { n: at + 1 })}
                  onClick={() => setOptions(options.toSpliced(at, 1))}
                />
              ) : null}
            </li>
          ))}
        </ol>
        {options.length < LIMITS.POLL_OPTIONS_MAX_COUNT ? (
          <Button small kind="quiet" icon={Plus} onClick={add}>
            {t("poll.add_option")}
          </Button>
        ) : null}
        {hasTried && problem ? (
          <p class="field-error" role="alert">
            {problem}
          </p>
        ) : null}
      </fieldset>
      <div class="choices">
        <label class="choice">
          <input
            type="checkbox"
            checked={isMultiple}
            onChange={(event) => setMultiple(event.currentTarget.checked)}
          />
          <span class="choice-name">{t("poll.multiple")}</span>
        </label>
        <label class="choice">
          <input
            type="checkbox"
            checked={isAnonymous}
            onChange={(event) => setAnonymous(event.currentTarget.checked)}
          />
          <span class="choice-name">{t("poll.anonymous")}</span>
          <span class="choice-hint">{t("poll.anonymous_hint")}</span>
        </label>
      </div>
      <Field label={t("poll.end")}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={String(endMs)}
            onChange={(event) => setEnd(Number(event.currentTarget.value))}
          >
            <option value="0">{t("poll.end_none")}</option>
            {ENDS.map(([key, ms]) => (
              <option key={key} value={String(ms)}>
                {t(key)}
              </option>
            ))}
          </select>
        )}
      </Field>
    </Dialog>
  );
}
