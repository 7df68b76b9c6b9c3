// Markdown by a key or a button: what becomes of a text and its selection. Pure.

export interface Edit {
  text: string;
  start: number;
  end: number;
}

export type Format =
  | "bold"
  | "italic"
  | "strike"
  | "code"
  | "spoiler"
  | "link"
  | "quote"
  | "list"
  | "numbers"
  | "block";

const MARKS: Partial<Record<Format, string>> = {
  bold: "**",
  italic: "*",
  strike: "~~",
  code: "`",
  spoiler: "||",
};
const LINE_STARTS: Partial<Record<Format, RegExp>> = {
  quote: /^> ?/,
  list: /^[-*+] /,
  numbers: /^\d{1,9}[.)] /,
};
const ADDRESS = /^https?:\/\/[^\s<>]+$/iu;
const ITEM = /^([^\S\n]*)(?:([-*+])|(\d{1,9})([.)]))([^\S\n]+)(\[[ xX]\][^\S\n]+)?(.*)$/u;
const QUOTED = /^((?:>[^\S\n]?)+)(.*)$/u;

/** Put a format on the selection, or take it away where it is already. */
export function format(text: string, start: number, end: number, kind: Format): Edit {
  const mark = MARKS[kind];
  if (mark) return toggled(text, start, end, mark);
  if (kind === "link") return linked(text, start, end);
  if (kind === "block") return fenced(text, start, end);
  return onLines(text, start, end, kind);
}

/** The format of a key, or null. By the code, because a Korean keyboard gives ㅠ for the same key. */
export function formatOf(event: KeyboardEvent): Format | null {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  if (!event.shiftKey)
    return ({ KeyB: "bold", KeyI: "italic", KeyE: "code" } as const)[event.code as "KeyB"] ?? null;
  const found = { KeyX: "strike", KeyU: "link", Digit7: "numbers", Digit8: "list", Digit9: "quote" } as const;
  return found[event.code as "KeyX"] ?? null;
}

/** Begin the next item of a list or quote at a new line; an empty item ends it. Null where there is none. */
export function nextItem(text: string, caret: number): Edit | null {
  const lineStart = text.lastIndexOf("\n", caret - 1) + 1;
  const line = text.slice(lineStart, caret);
  if (isInFence(text.slice(0, lineStart))) return null;
  const item = ITEM.exec(line);
  const quote = item ? null : QUOTED.exec(line);
  const words = item?.[7] ?? quote?.[2];
  if (words === undefined) return null;
  if (words.trim() === "") {
    // The mark of an item that says nothing goes away.
    return { text: text.slice(0, lineStart) + text.slice(caret), start: lineStart, end: lineStart };
  }
  const start = item
    ? `${item[1]}${item[2] ?? `${Number(item[3]) + 1}${item[4]}`}${item[5]}${item[6] ? "[ ] " : ""}`
    : quote![1]!;
  const at = caret + 1 + start.length;
  return { text: `${text.slice(0, caret)}\n${start}${text.slice(caret)}`, start: at, end: at };
}

/** A pasted address becomes the link of what is selected; null where it is only pasted. */
export function pasteLink(text: string, start: number, end: number, pasted: string): Edit | null {
  const address = pasted.trim();
  const words = text.slice(start, end);
  if (words.trim() === "" || words.includes("\n") || ADDRESS.test(words.trim()) || !ADDRESS.test(address))
    return null;
  const link = `[${words.replace(/([[\]\\])/g, "\\$1")}](${address.replace(/[()]/g, (sign) => (sign === "(" ? "%28" : "%29"))})`;
  const at = start + link.length;
  return { text: text.slice(0, start) + link + text.slice(end), start: at, end: at };
}

function toggled(text: string, start: number, end: number, mark: string): Edit {
  const size = mark.length;
  // Spaces at the edge would keep Markdown from seeing the marks.
  const words = text.slice(start, end);
  const from = start + (words.length - words.trimStart().length);
  const to = words.trim() === "" ? from : end - (words.length - words.trimEnd().length);
  const isAround =
    text.slice(from - size, from) === mark &&
    text.slice(to, to + size) === mark &&
    !isLonger(text, from, mark);
  if (isAround && from >= size) {
    return {
      text: text.slice(0, from - size) + text.slice(from, to) + text.slice(to + size),
      start: from - size,
      end: to - size,
    };
  }
  const inner = text.slice(from, to);
  if (
    inner.length >= 2 * size &&
    inner.startsWith(mark) &&
    inner.endsWith(mark) &&
    !inner.startsWith(mark + mark[0])
  ) {
    const bare = inner.slice(size, -size);
    return { text: text.slice(0, from) + bare + text.slice(to), start: from, end: from + bare.length };
  }
  return {
    text: text.slice(0, from) + mark + inner + mark + text.slice(to),
    start: from + size,
    end: to + size,
  };
}

/** Whether the mark before is part of a longer one: ** is not twice *. */
function isLonger(text: string, from: number, mark: string): boolean {
  if (mark.length !== 1) return false;
  let count = 0;
  while (text[from - 1 - count] === mark) count++;
  return count % 2 === 0;
}

function linked(text: string, start: number, end: number): Edit {
  const words = text.slice(start, end);
  if (ADDRESS.test(words))
    return {
      text: `${text.slice(0, start)}[](${words})${text.slice(end)}`,
      start: start + 1,
      end: start + 1,
    };
  const at = start + words.length + 3;
  return { text: `${text.slice(0, start)}[${words}](https://)${text.slice(end)}`, start: at, end: at + 8 };
}

function fenced(text: string, start: number, end: number): Edit {
  const before = start === 0 || text[start - 1] === "\n" ? "" : "\n";
  const after = end === text.length || text[end] === "\n" ? "" : "\n";
  const inner = text.slice(start, end);
  const opening = `${before}\`\`\`\n`;
  const at = start + opening.length;
  return {
    text: `${text.slice(0, start)}${opening}${inner}\n\`\`\`${after}${text.slice(end)}`,
    start: at,
    end: at + inner.length,
  };
}

function onLines(text: string, start: number, end: number, kind: Format): Edit {
  const pattern = LINE_STARTS[kind]!;
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const next = text.indexOf("\n", end);
  const to = next === -1 ? text.length : next;
  const lines = text.slice(from, to).split("\n");
  const isOn = lines.every((line) => pattern.test(line));
  const made = lines.map((line, index) => {
    if (isOn) return line.replace(pattern, "");
    return (kind === "quote" ? "> " : kind === "list" ? "- " : `${index + 1}. `) + line;
  });
  const joined = made.join("\n");
  const isCaret = start === end;
  const caret = Math.max(from, start + made[0]!.length - lines[0]!.length);
  return {
    text: text.slice(0, from) + joined + text.slice(to),
    start: isCaret ? caret : from,
    end: isCaret ? caret : from + joined.length,
  };
}

function isInFence(before: string): boolean {
  return (before.match(/^\s{0,3}(?:```|~~~)/gm)?.length ?? 0) % 2 === 1;
}
