// @vitest-environment happy-dom
// What is drawn for the links of a message, and what its author can do about it.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message, Preview } from "../../protocol";
import { useLanguage } from "../../text/t";
import { type Reach, ReachContext } from "../actions";
import { LinkPreviews } from "./LinkPreviews";

const removePreview = vi.fn(() => Promise.resolve());
const place = document.createElement("div");

const preview: Preview = {
  url: "https://site.example.com/page",
  title: "<b>A title</b>",
  description: "Words about it",
  site: "A site",
  image: "/api/v1/messages/7/previews/3/image",
  image_width: 600,
  image_height: 315,
};

beforeEach(async () => {
  await useLanguage("en");
  document.body.replaceChildren(place);
  removePreview.mockClear();
});

afterEach(() => act(() => render(null, place)));

function show(previews: Preview[], mayRemove = false): void {
  const reach = { actions: { removePreview } } as unknown as Reach;
  act(() =>
    render(
      <ReachContext.Provider value={reach}>
        <LinkPreviews message={{ id: 7, previews } as Message} mayRemove={mayRemove} />
      </ReachContext.Provider>,
      place,
    ),
  );
}

const find = (selector: string): HTMLElement => place.querySelector<HTMLElement>(selector)!;

test("a preview shows site, host, title, words and picture, as text", () => {
  show([preview]);
  expect(find(".preview-site").textContent).toBe("A sitesite.example.com");
  expect(find(".preview-title").textContent).toBe("<b>A title</b>");
  expect(find(".preview-title").getAttribute("href")).toBe("https://site.example.com/page");
  expect(find(".preview-title").getAttribute("rel")).toBe("noopener noreferrer nofollow");
  expect(find(".preview-description").textContent).toBe("Words about it");
  expect(find(".preview-picture").getAttribute("src")).toBe("/api/v1/messages/7/previews/3/image");
  expect(find(".preview-picture").getAttribute("height")).toBe("315");
});

test("without a picture, or with one that does not come, there are the words", () => {
  show([{ ...preview, image: null, image_width: null, image_height: null }]);
  expect(find(".preview-picture")).toBeNull();
  show([preview]);
  act(() => void find(".preview-picture").dispatchEvent(new Event("error")));
  expect(find(".preview-picture")).toBeNull();
  expect(find(".preview-title")).not.toBeNull();
});

test("a page that says nothing of itself is called by its address", () => {
  show([{ ...preview, title: "", site: "site.example.com", description: "" }]);
  expect(find(".preview-title").textContent).toBe("https://site.example.com/page");
  expect(find(".preview-site").textContent).toBe("site.example.com");
});

test("an address of something else than the web is not shown", () => {
  show([{ ...preview, url: "javascript:alert(1)" }]);
  expect(place.innerHTML).toBe("");
});

test("a message without previews has nothing", () => {
  show([]);
  expect(place.innerHTML).toBe("");
});

test("who may takes a preview away", () => {
  show([preview]);
  expect(find(".preview-remove")).toBeNull();
  show([preview], true);
  act(() => find(".preview-remove").click());
  expect(removePreview).toHaveBeenCalledExactlyOnceWith(7, "https://site.example.com/page");
  expect(find(".preview-remove").getAttribute("aria-label")).toBe("Remove preview: <b>A title</b>");
});
