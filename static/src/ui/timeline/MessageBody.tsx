// The words of a message: the server's sanitized HTML, or plain text with its lines and addresses.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { me } from "../selectors";
import { linkify } from "./linkify";
import "../../styles/message-body.css";
import "../../styles/code.css";

interface MessageBodyProps {
  body: string;
  html: string | null;
  editedAt?: string | null;
  /** The mark of an edit was pressed. */
  onEdited?: () => void;
}

const BOX_NAME_MAX_CHARS = 80;
const LONG_CHARS = 1_800;
const LONG_LINES = 26;
const ONLY_EMOJI =
  /^(?:\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier}|\u200D\p{Extended_Pictographic})*\s*){1,3}$/u;

export function MessageBody({ body, html, editedAt = null, onEdited }: MessageBodyProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const isLong = body.length > LONG_CHARS || body.split("\n", LONG_LINES + 1).length > LONG_LINES;
  const mine = me.value.id;

  useLayoutEffect(() => {
    for (const mention of ref.current?.querySelectorAll<HTMLElement>(".mention") ?? []) {
      mention.classList.toggle("mention-me", mention.dataset.user === String(mine));
    }
    for (const box of ref.current?.querySelectorAll("input") ?? []) {
      box.setAttribute(
        "aria-label",
        (box.parentElement?.textContent ?? "").trim().slice(0, BOX_NAME_MAX_CHARS),
      );
    }
    for (const heading of ref.current?.querySelectorAll("h1, h2, h3, h4, h5, h6") ?? []) {
      // Inside of a message, whatever its author thought of the page.
      heading.setAttribute("aria-level", "3");
    }
    for (const wide of ref.current?.querySelectorAll<HTMLElement>("pre, table") ?? []) {
      // A box that scrolls must be reachable without a mouse.
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    }
  }, [html, mine]);

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
  const size = html === null && ONLY_EMOJI.test(body) ? " message-body-emoji" : "";
  return (
    <>
      <div
        ref={ref}
        class={`message-body message-body-${kind}${size}${isLong && !isOpen ? " message-body-cut" : ""}`}
        dir="auto"
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
