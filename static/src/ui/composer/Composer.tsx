// Where a message is written: its draft, its limit, the send button, and who else types.
import { Paperclip, SendHorizontal } from "lucide-preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import { uploads } from "../../store/uploads";
import { t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { IconButton } from "../common/IconButton";
import { lazily } from "../common/lazily";
import { SendLater } from "../later/SendLater";
import { isTouch } from "../layout";
import { QuoteBar } from "../marks/QuoteCard";
import { quoteOf, takeQuote } from "../marks/quoting";
import { draftOf, keepDraft } from "../remembered";
import { me } from "../selectors";
import { RecordButton, recordingIn } from "../voice/RecordButton";
import { lengthOf } from "./length";
import { SlowNote, shortTime } from "./SlowNote";
import { useWait } from "./slow";
import { TextBox } from "./TextBox";
import { Tray } from "./Tray";
import { Typing } from "./Typing";
import { addFiles, placeOf, takeFiles, trayOf } from "./trays";
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
const VoiceBar = lazily(async () => (await import("../voice/VoiceBar")).default);

/** Must be keyed by its place: another room is another draft. */
export function Composer({ room, parent = null, placeholder, onSent, onUp }: ComposerProps) {
  const actions = useActions();
  const user = me.value.id;
  const mostBytes = useConfig().settings.uploadMaxBytes;
  const place = placeOf(room, parent);
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(() => draftOf(user, place));
  const latest = useRef(text);
  const form = useRef<HTMLFormElement>(null);
  const countId = useId();
  const left = LIMITS.BODY_MAX_CHARS - lengthOf(text);
  const tray = trayOf(place);
  // What has failed goes again or goes away first: nobody sends less than they see.
  const isStuck = tray.some((key) => uploads.value.get(key)?.status === "failed");
  const wait = useWait(room);
  const isWaiting = wait.leftS > 0 || wait.isSending;
  const maySend = (text.trim() !== "" || tray.length > 0) && left >= 0 && !isStuck && !isWaiting;
  const quote = quoteOf(place);
  const add = (files: File[]): void => addFiles(actions, place, files, mostBytes);

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
    actions.post(room, text, parent, takeFiles(place), takeQuote(place));
    write("");
    onSent?.();
  };

  return (
    <div class="composer-place">
      <QuoteBar quote={quote} place={place} />
      <Tray place={place} />
      {recordingIn.value === place ? (
        <VoiceBar room={room} parent={parent} place={place} onSent={onSent} />
      ) : null}
      <form
        ref={form}
        class="composer"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <input
          ref={picker}
          class="composer-picker"
          type="file"
          multiple
          hidden
          onChange={(event) => {
            add([...(event.currentTarget.files ?? [])]);
            // The same file may be chosen again.
            event.currentTarget.value = "";
          }}
        />
        <IconButton
          icon={Paperclip}
          class="composer-attach"
          label={t("files.attach")}
          onClick={() => picker.current?.click()}
        />
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
          onFiles={add}
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
        {text === "" && tray.length === 0 && !isWaiting && recordingIn.value !== place ? (
          <RecordButton place={place} />
        ) : null}
        <SendLater
          room={room}
          parent={parent}
          body={text}
          hasFiles={tray.length > 0}
          // What waits for its time quotes nothing.
          disabled={!maySend || quote !== null}
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
          {wait.leftS > 0 ? (
            <span class="composer-wait" aria-hidden="true">
              {shortTime(wait.leftS)}
            </span>
          ) : (
            <SendHorizontal size={18} strokeWidth={2} aria-hidden="true" />
          )}
        </button>
      </form>
      {parent === null ? (
        <Typing room={room}>
          <SlowNote wait={wait} />
        </Typing>
      ) : (
        <p class="composer-under">
          <SlowNote wait={wait} />
        </p>
      )}
    </div>
  );
}
