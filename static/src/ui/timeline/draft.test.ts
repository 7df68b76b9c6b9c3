// What is shown before the server has rendered a message: the common part of Markdown, and never less than its words.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Block, blocksOf, type Inline, isMarked } from "./draft";

function html(blocks: Block[]): string {
  return blocks.map(shown).join("");
}

function shown(one: Block): string {
  if (one.kind === "lines") return `<p>${one.lines.map(inline).join("<br>")}</p>`;
  if (one.kind === "code")
    return `<pre${one.language ? ` ${one.language.replaceAll(">", "")}` : ""}>${one.text}</pre>`;
  if (one.kind === "quote") return `<q>${html(one.inner)}</q>`;
  if (one.kind === "heading") return `<h${one.level}>${inline(one.inner)}</h${one.level}>`;
  if (one.kind === "rule") return "<hr>";
  const items = one.items.map(
    (item) =>
      `<li${item.isDone === null ? "" : ` ${item.isDone}`}>${item.lines.map(inline).join("<br>")}</li>`,
  );
  return `<${one.start === null ? "ul" : `ol ${one.start}`}>${items.join("")}</>`;
}

function inline(spans: Inline[]): string {
  return spans
    .map((one) => {
      if (one.kind === "text") return one.text;
      if (one.kind === "code") return `<c>${one.text}</c>`;
      if (one.kind === "link") return `<a ${one.href}>${inline(one.inner)}</a>`;
      return `<${one.kind}>${inline(one.inner)}</${one.kind}>`;
    })
    .join("");
}

test.each([
  ["a **b *c*** d", "<p>a <strong>b <em>c</em></strong> d</p>"],
  ["snake_case_name and 5 * 3 * 2", "<p>snake_case_name and 5 * 3 * 2</p>"],
  ["~~a~~ ||b|| `**c**`", "<p><s>a</s> <spoiler>b</spoiler> <c>**c**</c></p>"],
  ["a || b || c", "<p>a || b || c</p>"],
  [
    "[a](https://b.example) https://c.example.",
    "<p><a https://b.example>a</a> <a https://c.example>https://c.example</a>.</p>",
  ],
  ["[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>"],
  ["a\nb\n\nc", "<p>a<br>b</p><p>c</p>"],
  ["> a\n> > b\nc", "<q><p>a</p><q><p>b</p></q></q><p>c</p>"],
  ["- a\n- [x] b\n\nc", "<ul><li>a</li><li true>b</li></><p>c</p>"],
  ["2. a\n3. b", "<ol 2><li>a</li><li>b</li></>"],
  ["in 2024\n5. no list", "<p>in 2024<br>5. no list</p>"],
  ["```py\n*a*\n```\nb", "<pre py>*a*\n</pre><p>b</p>"],
  ["```\nno end", "<pre>no end\n</pre>"],
  ["# T\n---", "<h1>T</h1><hr>"],
])("%j", (body, shown) => {
  expect(html(blocksOf(body))).toBe(shown);
});

test.each(["hi", "안녕하세요!", "two\nlines", "a < b", "10:30"])("%j is shown as it is", (body) => {
  expect(isMarked(body)).toBe(false);
});

test("every letter of a text is shown", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    " ",
    "\n",
    "*",
    "**",
    "_",
    "`",
    "```",
    "~~",
    "||",
    "> ",
    "- ",
    "1. ",
    "# ",
    "[",
    "](",
    ")",
    "가",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const letters = (text: string): string => text.replace(/<[^>]*>/g, "").replace(/[^ab가]/g, "");
      const body = pieces.join("");
      // The words behind a fence tell its language.
      expect(letters(html(blocksOf(body)).replace(/<pre ([^>]*)>/g, "$1"))).toBe(letters(body));
    }),
  );
});

test("work grows with the length and not much faster", () => {
  for (const unit of ["*", "*a", "_a", "||a", "[a](", "> ", "- ", "`", "~~a ", "**a"]) {
    const body = unit.repeat(8_000).slice(0, 8_000);
    expect(html(blocksOf(body)).length).toBeGreaterThan(0);
  }
});
