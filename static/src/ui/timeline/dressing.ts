// What the server's HTML of a message needs to be used: names for a screen reader, keys for what hides, a way to copy code.
import type { Call } from "../../protocol";
import { ownEmojiOf } from "../../store/own_emoji";
import { t } from "../../text/t";
import { copyText } from "../common/copy";

const BOX_NAME_MAX_CHARS = 80;

/** Make a message's HTML usable; can be called again. */
export function dress(root: HTMLElement, mine: number, calls: readonly Call[] = []): void {
  const callMe = calls.filter(({ kind, users }) => kind === "room" || users.includes(mine));
  const words = new Set(callMe.map(({ kind, group }) => (kind === "group" ? String(group) : kind)));
  for (const mention of root.querySelectorAll<HTMLElement>(".mention")) {
    const { user, call } = mention.dataset;
    mention.classList.toggle("mention-me", user === String(mine) || (call !== undefined && words.has(call)));
    if (call === "here" || call === "room") mention.title = t(`calls.${call}_told`);
  }
  for (const name of root.querySelectorAll<HTMLElement>(".emoji[data-emoji]")) dressEmoji(name);
  for (const box of root.querySelectorAll("input")) {
    box.setAttribute(
      "aria-label",
      (box.parentElement?.textContent ?? "").trim().slice(0, BOX_NAME_MAX_CHARS),
    );
  }
  for (const heading of root.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    // Inside of a message, whatever its author thought of the page.
    heading.setAttribute("aria-level", "3");
  }
  for (const code of root.querySelectorAll<HTMLElement>("pre")) dressCode(code);
  for (const wide of root.querySelectorAll<HTMLElement>("pre, table, math[display=block]")) {
    // A box that scrolls must be reachable without a mouse.
    if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
  }
  for (const spoiler of root.querySelectorAll<HTMLElement>(".spoiler:not(.spoiler-open)")) {
    // One that stands in another opens with it.
    if (spoiler.parentElement?.closest(".spoiler")) continue;
    if (!spoiler.firstElementChild?.classList.contains("spoiler-text")) {
      const text = document.createElement("span");
      text.className = "spoiler-text";
      text.append(...spoiler.childNodes);
      spoiler.append(text);
    }
    spoiler.setAttribute("role", "button");
    spoiler.setAttribute("aria-label", t("message.spoiler"));
    spoiler.title = t("message.spoiler");
    spoiler.tabIndex = 0;
  }
}

/** Show what is hidden under a press, if something is: before that nothing inside can be pressed. */
export function pressSpoiler(event: MouseEvent | KeyboardEvent): void {
  if (event instanceof KeyboardEvent && event.key !== "Enter" && event.key !== " ") return;
  const spoiler = (event.target as Element).closest<HTMLElement>(".spoiler[role=button]");
  if (!spoiler) return;
  event.preventDefault();
  event.stopPropagation();
  spoiler.classList.add("spoiler-open");
  for (const name of ["role", "aria-label", "title"]) spoiler.removeAttribute(name);
  // The focus stays where it is, and what was hidden is read from there.
  spoiler.tabIndex = -1;
  for (const inner of spoiler.querySelectorAll(".spoiler")) inner.classList.add("spoiler-open");
}

/** Show the picture of an emoji in the place of its name, or the name where the workspace has none of it any more. */
function dressEmoji(span: HTMLElement): void {
  const shown = span.querySelector("img");
  const text = shown?.alt ?? span.textContent ?? "";
  const own = ownEmojiOf(`:${span.dataset.emoji}:`);
  if (!own) {
    if (shown) span.textContent = text;
    return;
  }
  if (shown?.getAttribute("src") === own.url) return;
  const image = document.createElement("img");
  image.className = "emoji-image";
  image.src = own.url;
  image.alt = text;
  image.title = text;
  // Known before it is there, so that nothing moves.
  image.width = own.width;
  image.height = own.height;
  image.draggable = false;
  span.replaceChildren(image);
}

function dressCode(pre: HTMLElement): void {
  let box = pre.parentElement;
  if (!box?.classList.contains("code-box")) {
    box = document.createElement("div");
    box.className = "code-box";
    pre.replaceWith(box);
    box.append(pre);
  }
  box.querySelector(":scope > .code-head")?.remove();
  const head = document.createElement("div");
  head.className = "code-head";
  const language = /(?:^|\s)language-(\S{1,30})/.exec(pre.firstElementChild?.className ?? "")?.[1];
  if (language) {
    const name = document.createElement("span");
    name.className = "code-language";
    name.textContent = language;
    head.append(name);
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "code-copy";
  button.textContent = t("message.copy_code");
  button.addEventListener("click", () => void copyText(pre.textContent ?? ""));
  head.append(button);
  box.append(head);
}
