// @vitest-environment happy-dom
// A dialog goes with what it is about.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Attachment, Change } from "../../protocol";
import { opened, posts, run } from "../../store/cast";
import { ModelServer, ROOM } from "../../store/model_server";
import { state } from "../../store/signals";
import { useLanguage } from "../../text/t";
import { dialog } from "../dialogs";
import { Dialogs } from "./Dialogs";

const PICTURE: Attachment = {
  id: 1,
  name: "cat.jpg",
  type: "image/jpeg",
  bytes: 1,
  alt: "a cat",
  state: "ready",
  width: 800,
  height: 600,
  url: "/api/v1/attachments/1",
  thumbnail: "/api/v1/attachments/1/thumbnail",
};
const place = document.createElement("div");

beforeEach(async () => {
  await useLanguage("en");
  document.body.replaceChildren(place);
});

afterEach(() => {
  dialog.value = null;
  act(() => render(null, place));
});

test("a picture that is looked at goes when its message expires", () => {
  state.value = opened(new ModelServer(posts(3)));
  dialog.value = { kind: "picture", room: ROOM, message: 1001, pictures: [PICTURE], at: 0 };
  act(() => render(<Dialogs />, place));
  expect(place.querySelector("img")?.alt).toBe("a cat");
  const expired = (seq: number, ...messages: number[]) =>
    ({ type: "message.expired", room: ROOM, seq, at: "t", messages }) as Change;
  act(() => {
    state.value = run(state.value, expired(4, 1002));
  });
  expect(place.querySelector("img")).not.toBeNull();
  act(() => {
    state.value = run(state.value, expired(5, 1001));
  });
  expect(place.querySelector("img")).toBeNull();
  expect(dialog.value).toBeNull();
});
