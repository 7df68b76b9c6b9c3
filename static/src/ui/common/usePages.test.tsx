// @vitest-environment happy-dom
// A list that is read page by page.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ActionError } from "../../net/actions";
import { useLanguage } from "../../text/t";
import { type PageOf, type Pages, usePages } from "./usePages";

interface Ask {
  question: string;
  cursor: string | null;
  limit: number;
  answer: (page: PageOf<number>) => Promise<void>;
  fail: () => Promise<void>;
}

/** Do something, and let all that waits for it go on. */
const settled = (what: () => void): Promise<void> =>
  act(async () => {
    what();
    await new Promise((done) => setTimeout(done));
  });

const place = document.createElement("div");
let asks: Ask[] = [];
let pages: Pages<number>;

function List({ question }: { question: string }) {
  pages = usePages(
    question,
    (cursor, limit) =>
      new Promise<PageOf<number>>((resolve, reject) => {
        asks.push({
          question,
          cursor,
          limit,
          answer: (page) => settled(() => resolve(page)),
          fail: () => settled(() => reject(new ActionError("busy", "", true))),
        });
      }),
    (item) => item,
  );
  return null;
}

const show = (question: string): void => void act(() => render(<List question={question} />, place));
const upTo = (first: number, count: number): number[] => Array.from({ length: count }, (_, n) => first + n);

beforeEach(async () => {
  await useLanguage("en");
  asks = [];
  show("a");
});
afterEach(() => act(() => render(null, place)));

test("pages join to a list in which nothing comes twice", async () => {
  expect([pages.items, pages.isBusy, asks.length]).toEqual([null, true, 1]);
  await asks[0]!.answer({ items: [1, 2, 3], next: "3" });
  expect([pages.items, pages.isMore, pages.isBusy]).toEqual([[1, 2, 3], true, false]);
  act(() => {
    pages.more();
  });
  act(() => pages.more());
  expect(asks.map(({ cursor }) => cursor)).toEqual([null, "3"]);
  await asks[1]!.answer({ items: [3, 4], next: null });
  expect([pages.items, pages.isMore]).toEqual([[1, 2, 3, 4], false]);
  act(() => pages.more());
  expect(asks.length).toBe(2);
});

test("of two questions the later one is answered, whichever answer comes first", async () => {
  show("b");
  await asks[1]!.answer({ items: [7], next: null });
  await asks[0]!.answer({ items: [1], next: null });
  expect(pages.items).toEqual([7]);
});

test("until another question is answered the list stays, and does not go on", async () => {
  await asks[0]!.answer({ items: [1], next: "1" });
  show("b");
  act(() => pages.more());
  expect([pages.items, asks.length]).toEqual([[1], 2]);
  await asks[1]!.answer({ items: [7], next: null });
  expect(pages.items).toEqual([7]);
});

test("to read it again is to read as much as is there", async () => {
  await asks[0]!.answer({ items: upTo(0, 50), next: "49" });
  for (let page = 1; page < 5; page++) {
    act(() => pages.more());
    await asks[page]!.answer({ items: upTo(page * 50, 50), next: String(page * 50 + 49) });
  }
  act(() => pages.again());
  expect([asks[5]!.cursor, asks[5]!.limit]).toEqual([null, 200]);
  await asks[5]!.answer({ items: upTo(1, 200), next: "200" });
  expect(pages.items?.length).toBe(250);
  await asks[6]!.answer({ items: upTo(201, 99), next: null });
  expect([asks[6]!.cursor, pages.items?.length, pages.isMore]).toEqual(["200", 299, false]);
});

test("what fails is said, what is there stays, and it can be tried again", async () => {
  await asks[0]!.answer({ items: [1], next: "1" });
  act(() => pages.more());
  await asks[1]!.fail();
  expect([pages.items, pages.failure === null, pages.isBusy]).toEqual([[1], false, false]);
  act(() => pages.again());
  await asks[2]!.answer({ items: [1, 2], next: null });
  expect([pages.items, pages.failure]).toEqual([[1, 2], null]);
});
