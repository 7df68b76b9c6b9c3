// A message of mine before the server has rendered it: the common part of Markdown, so that nothing jumps when its HTML comes. Pure.
// What is not understood here stays as it was typed; the server's word is the last one.
import { linkify } from "./linkify";

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "link"; href: string; inner: Inline[] }
  | { kind: "strong" | "em" | "s" | "spoiler"; inner: Inline[] };

export type Block =
  | { kind: "lines"; lines: Inline[][] }
  | { kind: "code"; text: string; language: string }
  | { kind: "quote"; inner: Block[] }
  | { kind: "heading"; level: number; inner: Inline[] }
  | { kind: "rule" }
  | { kind: "list"; start: number | null; items: { lines: Inline[][]; isDone: boolean | null }[] };

const DEPTH_MAX = 6;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^`]*)$/u;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$/u;
const RULE = /^ {0,3}(?:-(?:\s*-){2,}|\*(?:\s*\*){2,}|_(?:\s*_){2,})\s*$/u;
const QUOTE = /^ {0,3}> ?/u;
const ITEM = /^ {0,3}(?:[-*+]|(\d{1,9})[.)])\s+(?:\[([ xX])\]\s+)?(?=\S)/u;
const SPAN =
  /`([^`\n]+)`|\[([^[\]\n]+)\]\((https?:\/\/[^\s()]+)\)|\*\*(?=\S)(.+?)(?<=\S)\*\*(?!\*)|\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*|(?<![\p{L}\p{N}_])_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?![\p{L}\p{N}_])|~~(?=\S)(.+?)(?<=\S)~~|\|\|(?=\S)(.+?)(?<=\S)\|\|/u;

/** Whether a text may be more than its lines. */
export function isMarked(body: string): boolean {
  return /[`*_~|[]|^ {0,3}(?:#{1,6} |>|[-+] |\d{1,9}[.)] |-{3})/mu.test(body);
}

/** Read a text as blocks. */
export function blocksOf(body: string, depth = 0): Block[] {
  const lines = body.split("\n");
  const found: Block[] = [];
  let open: Inline[][] = [];
  const close = (): void => {
    if (open.length > 0) found.push({ kind: "lines", lines: open });
    open = [];
  };
  let at = 0;
  while (at < lines.length) {
    const line = lines[at]!;
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (fence) {
      close();
      const end = lines.findIndex(
        (one, index) => index > at && one.trim().startsWith(fence[1]!) && /^[`~]+$/.test(one.trim()),
      );
      const last = end === -1 ? lines.length : end;
      found.push({
        kind: "code",
        text: lines
          .slice(at + 1, last)
          .map((one) => `${one}\n`)
          .join(""),
        language: fence[2]!.trim(),
      });
      at = last + 1;
    } else if (heading) {
      close();
      found.push({ kind: "heading", level: heading[1]!.length, inner: spansOf(heading[2]!) });
      at++;
    } else if (open.length === 0 && RULE.test(line)) {
      found.push({ kind: "rule" });
      at++;
    } else if (QUOTE.test(line) && depth < DEPTH_MAX) {
      close();
      const quoted: string[] = [];
      while (at < lines.length && QUOTE.test(lines[at]!)) quoted.push(lines[at++]!.replace(QUOTE, ""));
      found.push({ kind: "quote", inner: blocksOf(quoted.join("\n"), depth + 1) });
    } else if (
      ITEM.test(line) &&
      (open.length === 0 || !/^ {0,3}\d/.test(line) || /^ {0,3}1[.)]/.test(line))
    ) {
      close();
      at = readList(lines, at, found);
    } else if (line.trim() === "") {
      close();
      at++;
    } else {
      open.push(spansOf(line.trimStart()));
      at++;
    }
  }
  close();
  return found;
}

/** Read one line as its spans. */
export function spansOf(line: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  let rest = line;
  while (rest !== "") {
    const span = depth < DEPTH_MAX ? SPAN.exec(rest) : null;
    words(found, span ? rest.slice(0, span.index) : rest);
    if (!span) break;
    const [whole, code, label, href, strong, star, line_, strike, hidden] = span;
    if (code !== undefined) found.push({ kind: "code", text: code });
    else if (label !== undefined) found.push({ kind: "link", href: href!, inner: spansOf(label, depth + 1) });
    else if (strong !== undefined) found.push({ kind: "strong", inner: spansOf(strong, depth + 1) });
    else if (strike !== undefined) found.push({ kind: "s", inner: spansOf(strike, depth + 1) });
    else if (hidden !== undefined) found.push({ kind: "spoiler", inner: spansOf(hidden, depth + 1) });
    else found.push({ kind: "em", inner: spansOf((star ?? line_)!, depth + 1) });
    rest = rest.slice(span.index + whole.length);
  }
  return found;
}

function words(found: Inline[], text: string): void {
  for (const piece of text === "" ? [] : linkify(text)) {
    const inner: Inline = { kind: "text", text: piece.text };
    found.push(piece.href === null ? inner : { kind: "link", href: piece.href, inner: [inner] });
  }
}

function readList(lines: string[], from: number, found: Block[]): number {
  const first = ITEM.exec(lines[from]!)!;
  const list: Block & { kind: "list" } = {
    kind: "list",
    start: first[1] ? Number(first[1]) : null,
    items: [],
  };
  let at = from;
  while (at < lines.length) {
    const line = lines[at]!;
    const item = ITEM.exec(line);
    const isSame = item && (item[1] === undefined) === (list.start === null);
    if (isSame) {
      const box = item[2];
      list.items.push({ lines: [spansOf(line.slice(item[0].length))], isDone: box ? box !== " " : null });
    } else if (line.trim() !== "" && !item && !FENCE.test(line) && !QUOTE.test(line) && !HEADING.test(line)) {
      list.items.at(-1)!.lines.push(spansOf(line.trim()));
    } else break;
    at++;
  }
  found.push(list);
  return at;
}
