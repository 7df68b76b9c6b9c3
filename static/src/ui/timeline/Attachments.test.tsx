// @vitest-environment happy-dom
// What is drawn for the files of a message, and the way to see a picture alone.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Attachment, Message } from "../../protocol";
import { useLanguage } from "../../text/t";
import { Lightbox } from "../common/Lightbox";
import { dialog } from "../dialogs";
import { Attachments } from "./Attachments";

const place = document.createElement("div");

const picture = (id: number, more: Partial<Attachment> = {}): Attachment => ({
  id,
  name: `cat-${id}.jpg`,
  type: "image/jpeg",
  bytes: 90_000,
  url: `/api/v1/attachments/${id}`,
  state: "ready",
  alt: "a cat",
  width: 4_000,
  height: 3_000,
  thumbnail: `/api/v1/attachments/${id}/thumbnail`,
  ...more,
});
const plain = picture(9, {
  name: "<b>notes</b>.txt",
  type: "application/octet-stream",
  alt: "",
  width: null,
  height: null,
  thumbnail: null,
});

beforeEach(async () => {
  await useLanguage("en");
  document.body.replaceChildren(place);
  dialog.value = null;
});
afterEach(() => act(() => render(null, place)));

function show(...attachments: Attachment[]): void {
  act(() => render(<Attachments message={{ id: 7, attachments } as Message} />, place));
}

const find = (selector: string): HTMLElement => place.querySelector<HTMLElement>(selector)!;

test("a picture has its words and its size before it has come", () => {
  show(picture(1));
  const image = find(".attachment-picture img");
  expect(image.getAttribute("src")).toBe("/api/v1/attachments/1/thumbnail");
  expect(image.getAttribute("alt")).toBe("a cat");
  expect([image.getAttribute("width"), image.getAttribute("height")]).toEqual(["400", "300"]);
});

test("a picture that is not made yet keeps its place, and one that does not come is a file", () => {
  show(picture(1, { state: "waiting", width: null, height: null, thumbnail: null }));
  expect(find("img")).toBeNull();
  expect(find(".attachment-coming").getAttribute("aria-label")).toBe("a cat");
  show(picture(1));
  act(() => void find("img").dispatchEvent(new Event("error")));
  expect(find("img")).toBeNull();
  expect(find(".attachment-card").getAttribute("download")).toBe("cat-1.jpg");
});

test("another file is a card with its name, its size and a way to save it", () => {
  show(plain);
  expect(find(".attachment-name").textContent).toBe("<b>notes</b>.txt");
  expect(find(".attachment-size").textContent).toBe("88 kB");
  expect(find(".attachment-card").getAttribute("href")).toBe("/api/v1/attachments/9");
});

test("films and sounds are played", () => {
  show(
    picture(1, { type: "video/mp4", thumbnail: null }),
    // What is small is read as a whole and shown by its waveform; see tests/browser/test_voice.py.
    picture(2, { type: "audio/mpeg", thumbnail: null, bytes: 3 * 1024 * 1024 }),
  );
  expect(find("video").getAttribute("src")).toBe("/api/v1/attachments/1");
  expect(find("audio").getAttribute("src")).toBe("/api/v1/attachments/2");
});

test("several pictures are tiles, those that are being made among them, and other files stand below", () => {
  show(picture(1), plain, picture(2, { state: "waiting", thumbnail: null }), picture(3, { width: 9_000 }));
  expect(find(".attachments").dataset.columns).toBe("3");
  const kinds = [...place.querySelectorAll<HTMLElement>("li")].map((item) => item.dataset.kind);
  expect(kinds).toEqual(["picture", "coming", "picture", "file"]);
  expect(find(".attachment-coming").getAttribute("style")).toBeNull();
  const sources = [...place.querySelectorAll("img")].map((image) => image.getAttribute("src"));
  expect(sources).toEqual(
    [1, 3].map((id) => `/api/v1/attachments/${id}/thumbnail${id === 3 ? "?size=large" : ""}`),
  );
  show(picture(1), plain);
  expect(find(".attachments").dataset.columns).toBeUndefined();
});

test("a picture opens alone, among the others of its message", () => {
  show(picture(1), plain, picture(2));
  act(() => place.querySelectorAll<HTMLElement>(".attachment-picture")[1]!.click());
  expect(dialog.value).toMatchObject({ kind: "picture", at: 1 });
});

test("arrows walk through the pictures and end at the last", () => {
  act(() => render(<Lightbox pictures={[picture(1), picture(2, { alt: "" })]} at={0} />, place));
  const src = (): string | null => find(".lightbox-stage img").getAttribute("src");
  expect(src()).toBe("/api/v1/attachments/1/thumbnail?size=large");
  for (const expected of [2, 2]) {
    act(() => void find("dialog").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" })));
    expect(src()).toBe(`/api/v1/attachments/${expected}/thumbnail?size=large`);
  }
  expect(find(".lightbox-walk").textContent).toContain("2 of 2");
  expect(find("dialog").getAttribute("aria-label")).toBe("cat-2.jpg");
});

test("what moves is shown whole", () => {
  act(() => render(<Lightbox pictures={[picture(1, { type: "image/gif" })]} at={0} />, place));
  expect(find(".lightbox-stage img").getAttribute("src")).toBe("/api/v1/attachments/1");
  expect(find(".lightbox-walk")).toBeNull();
});

test("looked at closely a picture is the file itself, until it goes back or another one comes", () => {
  act(() => render(<Lightbox pictures={[picture(1), picture(2)]} at={0} />, place));
  const press = (key: string): void => {
    act(() => void find("dialog").dispatchEvent(new KeyboardEvent("keydown", { key })));
  };
  const src = (): string | null => find(".lightbox-stage img").getAttribute("src");
  press("+");
  expect(src()).toBe("/api/v1/attachments/1");
  press("ArrowRight");
  expect(src()).toBe("/api/v1/attachments/1");
  press("-");
  expect(src()).toBe("/api/v1/attachments/1/thumbnail?size=large");
  act(() => find(".lightbox-stage img").click());
  expect(src()).toBe("/api/v1/attachments/1");
  act(() => find(".lightbox-walk button:last-child").click());
  expect(src()).toBe("/api/v1/attachments/2/thumbnail?size=large");
});

test("a click beside the picture closes, and one on anything else does not", () => {
  dialog.value = { kind: "picture", room: 1, message: 7, pictures: [picture(1)], at: 0 };
  act(() => render(<Lightbox pictures={[picture(1)]} at={0} />, place));
  const click = (selector: string): void => {
    act(() => void find(selector).dispatchEvent(new MouseEvent("click", { bubbles: true })));
  };
  for (const selector of [".lightbox-head button svg", "img", ".lightbox-alt", ".lightbox-name"]) {
    click(selector);
    expect(dialog.value).not.toBeNull();
  }
  click(".lightbox-stage");
  expect(dialog.value).toBeNull();
});
