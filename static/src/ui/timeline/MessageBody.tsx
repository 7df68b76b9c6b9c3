// The words of a message: the server's sanitized HTML, or plain text with its lines and addresses.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Call } from "../../protocol";
import { ownEmoji, ownEmojiOf } from "../../store/own_emoji";
import { fullOf } from "../../text/dates";
import { language, t } from "../../text/t";
import { me } from "../selectors";
import { dress, pressSpoiler } from "./dressing";
import { linkify } from "./linkify";
import "../../styles/message-body.css";
import "../../styles/code.css";

interface MessageBodyProps {
  body: string;
  html: string | null;
  /** Whom it calls; of my own messages nobody says. */
  calls?: readonly Call[] | undefined;
  editedAt?: string | null;
  /** The mark of an edit was pressed. */
  onEdited?: () => void;
}

const LONG_CHARS = 1_800;
const LONG_LINES = 26;
const ONLY_EMOJI_MAX_CHARS = 120;
const OWN_EMOJI = /<span class="emoji" data-emoji="([^"]*)">[^<]*<\/span>/g;
const ONLY_EMOJI =
  /^(?:\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*\s*){1,3}$/u;

export function MessageBody({ body, html, calls, editedAt = null, onEdited }: MessageBodyProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const isLong = body.length > LONG_CHARS || body.split("\n", LONG_LINES + 1).length > LONG_LINES;
  const mine = me.value.id;
  const words = language();
  // Most texts have no name of an emoji in them, and need not be drawn again.
  const own = html?.includes("data-emoji=") ? ownEmoji.value : null;

  useLayoutEffect(() => {
    if (ref.current && html !== null) dress(ref.current, mine, calls);
  }, [html, mine, words, calls, own]);

  const pressed = useRef(onEdited);
  pressed.current = onEdited;
  const hasEdited = onEdited !== undefined;
  const edited = editedAt ? t("message.edited") : "";
  const editedTitle = editedAt ? fullOf(editedAt) : "";
  useLayoutEffect(() => {
    const text = ref.current;
    if (!text) return;
    text.querySelector(":scope .message-edited")?.remove();
    if (!edited) return;
    const mark = document.createElement(hasEdited ? "button" : "span");
    mark.className = "message-edited";
    mark.textContent = edited;
    mark.title = editedTitle;
    if (mark instanceof HTMLButtonElement) {
      mark.type = "button";
      mark.onclick = () => pressed.current?.();
    }
    // In the last line of the text, where the server's HTML leaves no place for it.
    const last = text.lastElementChild;
    (last?.tagName === "P" ? last : text).append(mark);
  }, [html, body, edited, editedTitle, hasEdited]);

  const kind = html === null ? "plain" : "rich";
  const size = ONLY_EMOJI.test(html === null ? body : shownOf(html)) ? " message-body-emoji" : "";
  return (
    <>
      <div
        ref={ref}
        class={`message-body message-body-${kind}${size}${isLong && !isOpen ? " message-body-cut" : ""}`}
        dir="auto"
        // Before anything inside of it hears of the press.
        onClickCapture={pressSpoiler}
        onKeyDownCapture={pressSpoiler}
        {...(html === null ? { children: plain(body) } : { dangerouslySetInnerHTML: { __html: html } })}
      />
      {isLong ? (
        <button type="button" class="message-more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t("message.less") : t("message.more_text")}
        </button>
      ) : null}
    </>
  );
}

/** What a short HTML shows, when it is one paragraph of text and emoji and nothing else. */
function shownOf(html: string): string {
  if (html.length > ONLY_EMOJI_MAX_CHARS * 3) return "";
  const shown = html.replace(OWN_EMOJI, (name, key: string) => (ownEmojiOf(`:${key}:`) ? "🙂" : name));
  return shown.length < ONLY_EMOJI_MAX_CHARS ? (/^<p>([^<]*)<\/p>$/.exec(shown)?.[1] ?? "") : "";
}

function plain(body: string) {
  return linkify(body).map((piece, index) =>
    piece.href === null ? (
      piece.text
    ) : (
      <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
        {piece.text}
      </a>
    ),
  );
}
