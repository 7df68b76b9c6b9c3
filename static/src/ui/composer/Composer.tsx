// Where a message is written: its draft, its limit, the send button, and who else types.
import { SendHorizontal } from "lucide-preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { SendLater } from "../later/SendLater";
import { isTouch } from "../layout";
import { draftOf, keepDraft } from "../remembered";
import { me } from "../selectors";
import { lengthOf } from "./length";
import { TextBox } from "./TextBox";
import { Typing } from "./Typing";
import "../../styles/composer.css";

interface ComposerProps {
  room: number;
  /** The thread that is answered to. */
  parent?: number | null;
  placeholder: string;
  onSent?: () => void;
  /** Arrow-Up in the empty text. */
  onUp?: () => void;
}

const COUNT_FROM = 500;

/** Must be keyed by its place: another room is another draft. */
export function Composer({ room, parent = null, placeholder, onSent, onUp }: ComposerProps) {
  const actions = useActions();
  const user = me.value.id;
  const place = parent === null ? String(room) : `${room}.${parent}`;
  const [text, setText] = useState(() => draftOf(user, place));
  const latest = useRef(text);
  const form = useRef<HTMLFormElement>(null);
  const countId = useId();
  const left = LIMITS.BODY_MAX_CHARS - lengthOf(text);
  const maySend = text.trim() !== "" && left >= 0;

  const write = (next: string): void => {
    latest.current = next;
    setText(next);
    keepDraft(user, place, next);
    if (parent === null) actions.typing(room, next.trim() !== "");
  };

  useEffect(
    () => () => {
      if (parent === null && latest.current.trim() !== "") actions.typing(room, false);
    },
    [],
  );

  const send = (): void => {
    if (!maySend) return;
    actions.post(room, text, parent);
    write("");
    onSent?.();
  };

  return (
    <div class="composer-place">
      <form
        ref={form}
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <TextBox
          room={room}
          value={text}
          label={placeholder}
          placeholder={placeholder}
          invalid={left < 0}
          describedBy={left < COUNT_FROM ? countId : undefined}
          autoFocus={!isTouch()}
          onInput={write}
          onSend={send}
          {...(onUp ? { onUp } : {})}
          onBlur={() => {
            if (parent === null && text.trim() !== "") actions.typing(room, false);
          }}
        />
        {left < COUNT_FROM ? (
          <span class="composer-count" id={countId} data-over={left < 0 || undefined}>
            <span aria-hidden="true">{left.toLocaleString()}</span>
            <span class="unseen">
              {left < 0 ? t("composer.over", { n: -left }) : t("composer.left", { n: left })}
            </span>
          </span>
        ) : null}
        <SendLater
          room={room}
          parent={parent}
          body={text}
          disabled={!maySend}
          onDone={(body) => {
            // What was written since stays.
            if (latest.current === body) write("");
          }}
          onClosed={() => {
            if (!isTouch()) form.current?.querySelector("textarea")?.focus();
          }}
        />
        <button
          type="submit"
          class="composer-send"
          disabled={!maySend}
          aria-label={t("composer.send")}
          title={t("composer.send")}
          // The keyboard of a phone stays open only when the focus stays in the text.
          onPointerDown={(event) => event.preventDefault()}
        >
          <SendHorizontal size={18} strokeWidth={2} aria-hidden="true" />
        </button>
      </form>
      {parent === null ? <Typing room={room} /> : <div class="composer-under" />}
    </div>
  );
}
