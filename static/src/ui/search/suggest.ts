// What can follow an operator that is being typed. Pure.

export type Operator = "from" | "in" | "has" | "is";

/** An operator before the caret whose value is not finished: where the value begins, and what of it is there. */
export interface Open {
  operator: Operator;
  start: number;
  typed: string;
}

const WORDS: Record<string, Operator> = {
  from: "from",
  보낸이: "from",
  in: "in",
  방: "in",
  has: "has",
  포함: "has",
  is: "is",
  종류: "is",
};

export const VALUES: Record<"has" | "is", readonly string[]> = {
  has: ["link", "file", "image", "video", "audio", "code", "reaction", "preview"],
  is: ["thread", "mention", "dm"],
};

/** The operator at the caret, if its value is being typed. */
export function openAt(text: string, caret: number): Open | null {
  const before = text.slice(0, caret);
  // Without a quotation mark a space ends the value.
  const match = /(?:^|\s)([^\s":]+):(?:(")([^"]*)|([^\s"]*))$/.exec(before);
  const operator = match ? WORDS[match[1]!.toLowerCase()] : undefined;
  if (!match || !operator) return null;
  const typed = match[3] ?? match[4] ?? "";
  return { operator, start: caret - typed.length - (match[2] ?? "").length, typed };
}

/** The text with the value put in, and where the caret goes. */
export function put(text: string, open: Open, caret: number, value: string): { text: string; caret: number } {
  const said = /[\s"]/.test(value) ? `"${value.replaceAll('"', "")}"` : value;
  const rest = text.slice(caret).replace(/^"/, "").replace(/^\s+/, "");
  const before = `${text.slice(0, open.start)}${said} `;
  return { text: before + rest, caret: before.length };
}

/** The text with an operator at its end, ready for its value. */
export function append(text: string, operator: string): string {
  return text === "" || /\s$/.test(text) ? text + operator : `${text} ${operator}`;
}

/** Whether the last operator of a text still waits for its value, so that nothing is to be found yet. */
export function isUnfinished(text: string): boolean {
  const open = openAt(text, text.length);
  if (!open) return false;
  const { operator, typed } = open;
  return operator === "from" || operator === "in" || !VALUES[operator].includes(typed.toLowerCase());
}
