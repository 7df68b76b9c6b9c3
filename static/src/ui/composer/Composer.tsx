// Where a message is written: its draft, its limit, the send button, and who else types.
import {
  ALargeSmall,
  CalendarClock,
  ChartBarBig,
  Paperclip,
  Plus,
  SendHorizontal,
  Smile,
} from "lucide-preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import { drafts } from "../../store/drafts";
import { state } from "../../store/signals";
import { uploads } from "../../store/uploads";
import { t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { EmojiPicker } from "../common/EmojiPicker";
import { IconButton } from "../common/IconButton";
import { lazily } from "../common/lazily";
import { MenuButton, type MenuItem } from "../common/Menu";
import { dialog } from "../dialogs";
import { SendLater } from "../later/SendLater";
import { isTouch, layout } from "../layout";
import { QuoteBar } from "../marks/QuoteCard";
import { quoteOf, takeQuote } from "../marks/quoting";
import { showsFormats, toggleFormats } from "../remembered";
import { RecordButton, recordingIn } from "../voice/RecordButton";
import { mayRecord } from "../voice/recording";
import { CallNote } from "./CallNote";
import { FormatBar } from "./FormatBar";
import { format } from "./formatting";
import { lengthOf } from "./length";
import { SlowNote, shortTime } from "./SlowNote";
import { useWait } from "./slow";
import { TextBox } from "./TextBox";
import { Tray } from "./Tray";
import { Typing } from "./Typing";
import { addFiles, placeOf, takeFiles, trayOf } from "./trays";
import { useCalls } from "./useCalls";
import { write as writeInto } from "./write";
import "../../styles/composer.css";

interface ComposerProps {
  room: number;
  /** The thread that is answered to. */
  parent?: number | null;
  /** The name of the room to which a reply may be said too. */
  alsoTo?: string | undefined;
  placeholder: string;
  onSent?: () => void;
  /** Arrow-Up in the empty text. */
  onUp?: () => void;
}

const COUNT_FROM = 500;
const VoiceBar = lazily(async () => (await import("../voice/VoiceBar")).default);

/** Must be keyed by its place: another room is another draft. */
export function Composer({ room, parent = null, alsoTo, placeholder, onSent, onUp }: ComposerProps) {
  const actions = useActions();
  const mostBytes = useConfig().settings.uploadMaxBytes;
  const place = placeOf(room, parent);
  const picker = useRef<HTMLInputElement>(null);
  const kept = drafts.value.get(place)?.text ?? "";
  const [text, setText] = useState(kept);
  const latest = useRef(text);
  const [isAlso, setAlso] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const countId = useId();
  const smile = useRef<HTMLButtonElement>(null);
  const [isPicking, setPicking] = useState(false);
  const [isLater, setLater] = useState(false);
  const isPhone = layout.value === "phone";
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
    actions.keepDraft(place, next);
    if (parent === null) actions.typing(room, next.trim() !== "");
  };

  useEffect(() => {
    // Another device of mine wrote on, or sent it. As it is now: keys pressed since this was drawn are in it.
    const now = drafts.peek().get(place)?.text ?? "";
    if (now === latest.current) return;
    latest.current = now;
    setText(now);
  }, [kept]);

  useEffect(
    () => () => {
      if (parent === null && latest.current.trim() !== "") actions.typing(room, false);
    },
    [],
  );

  const area = (): HTMLTextAreaElement | null | undefined => form.current?.querySelector("textarea");
  const insert = (emoji: string): void => {
    const box = area();
    setPicking(false);
    if (!box) return;
    const { value, selectionStart: start, selectionEnd: end } = box;
    const before = value.slice(0, start);
    // A name is one only where it stands by itself.
    const sign = emoji.startsWith(":") ? `${/(?:^|\s)$/.test(before) ? "" : " "}${emoji} ` : emoji;
    const caret = start + sign.length;
    writeInto(box, { text: before + sign + value.slice(end), start: caret, end: caret });
  };

  const isAnswer = parent !== null && !isAlso;
  const calls = useCalls(room, text, isAnswer);
  const callers = state.value.rooms.get(room)?.state.calls ?? "auto";
  const send = (): void => {
    if (!maySend) return;
    const asking = calls.worthAsking(text);
    if (asking === null) {
      sendNow();
      return;
    }
    void asking.then((people) => {
      // Whoever wrote on meanwhile sends that.
      if (latest.current !== text) return;
      if (people === 0) sendNow();
      else dialog.value = { kind: "call", people, onYes: sendNow };
    });
  };
  const sendNow = (): void => {
    const also = parent !== null && isAlso ? { alsoInRoom: true } : {};
    actions.post(room, text, parent, takeFiles(place), takeQuote(place), also);
    setAlso(false);
    write("");
    onSent?.();
  };

  const attach = (): void => picker.current?.click();
  const poll = (): void => {
    dialog.value = { kind: "poll", room, parent, question: text.trim(), place };
  };
  const formats = (): void => {
    toggleFormats();
    if (!isTouch()) area()?.focus();
  };
  const mayVoice =
    text === "" && tray.length === 0 && !isWaiting && recordingIn.value !== place && mayRecord();
  const maySendLater = maySend && tray.length === 0 && quote === null;
  // A phone has place for the text and for one thing to do with it; all else is behind one button.
  const more: MenuItem[] = [
    { label: t("files.attach"), icon: Paperclip, choose: attach },
    { label: t("poll.new"), icon: ChartBarBig, choose: poll },
    ...(maySendLater
      ? [{ label: t("scheduled.send_later"), icon: CalendarClock, choose: () => setLater(true) }]
      : []),
    {
      label: t(showsFormats.value ? "format.hide" : "format.show"),
      icon: ALargeSmall,
      apart: true,
      choose: formats,
    },
  ];

  return (
    <div class="composer-place">
      <CallNote reaches={calls.reaches} rule={callers} isAnswer={isAnswer} />
      <QuoteBar quote={quote} place={place} />
      <Tray place={place} />
      {recordingIn.value === place ? (
        <VoiceBar room={room} parent={parent} place={place} onSent={onSent} />
      ) : null}
      <form
        ref={form}
        class="composer"
        data-begun={text === "" ? undefined : true}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {showsFormats.value ? (
          <FormatBar
            onFormat={(kind) => {
              const box = area();
              if (box) writeInto(box, format(box.value, box.selectionStart, box.selectionEnd, kind));
            }}
          />
        ) : null}
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
        {isPhone ? (
          <MenuButton icon={Plus} label={t("composer.more")} items={more} align="start" />
        ) : (
          <>
            <IconButton icon={Paperclip} class="composer-attach" label={t("files.attach")} onClick={attach} />
            <IconButton icon={ChartBarBig} class="composer-attach" label={t("poll.new")} onClick={poll} />
          </>
        )}
        <TextBox
          room={room}
          isAnswer={isAnswer}
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
        {isPhone ? null : (
          <IconButton
            icon={ALargeSmall}
            class="composer-formats"
            label={t("format.show")}
            pressed={showsFormats.value}
            onClick={formats}
          />
        )}
        <IconButton
          buttonRef={smile}
          icon={Smile}
          class="composer-emoji"
          label={t("composer.emoji")}
          popup="dialog"
          expanded={isPicking}
          onClick={() => setPicking(!isPicking)}
        />
        {isPicking && smile.current ? (
          <EmojiPicker anchor={smile.current} onPick={insert} onClose={() => setPicking(false)} />
        ) : null}
        {mayVoice ? <RecordButton place={place} /> : null}
        <SendLater
          room={room}
          parent={parent}
          body={text}
          hasFiles={tray.length > 0}
          // What waits for its time quotes nothing.
          disabled={!maySend || quote !== null}
          {...(isPhone ? { dialog: { isOpen: isLater, close: () => setLater(false) } } : {})}
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
          // Where it would have nothing to do, a phone has the microphone.
          hidden={isPhone && mayVoice}
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
        <div class="composer-under">
          {alsoTo === undefined ? null : (
            <label class="composer-also">
              <input
                type="checkbox"
                checked={isAlso}
                onChange={(event) => setAlso(event.currentTarget.checked)}
              />
              <span>{t("thread.also_in_room", { name: alsoTo })}</span>
            </label>
          )}
          <SlowNote wait={wait} />
        </div>
      )}
    </div>
  );
}
