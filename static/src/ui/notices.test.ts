// @vitest-environment happy-dom
// A notification was pressed: the page goes to the message, and nowhere else.
import { afterEach, beforeEach, expect, test } from "vitest";
import { startNotices } from "./notices";
import { route, startRoute } from "./route";

let worker: EventTarget;
let stops: (() => void)[] = [];

beforeEach(() => {
  worker = new EventTarget();
  Object.defineProperty(navigator, "serviceWorker", { value: worker, configurable: true });
  history.replaceState(null, "", "/rooms/3/");
  stops = [startRoute(), startNotices()];
});

afterEach(() => {
  for (const stop of stops) stop();
});

const hear = (data: unknown): boolean => worker.dispatchEvent(new MessageEvent("message", { data }));
const place = (): string => location.pathname + location.search;

test("it leads to the message in its room", () => {
  hear({ type: "maru.go", path: "/rooms/12/?seq=7" });
  expect(place()).toBe("/rooms/12/?seq=7");
  expect(route.value).toMatchObject({ place: "room", room: 12, seq: 7 });
});

test.each([
  [null],
  ["maru.go"],
  [{ type: "other", path: "/rooms/12/" }],
  [{ type: "maru.go" }],
  [{ type: "maru.go", path: 5 }],
  [{ type: "maru.go", path: "//evil.example.com/" }],
  [{ type: "maru.go", path: "https://evil.example.com/" }],
])("what is no such word leads nowhere: %j", (data) => {
  hear(data);
  expect(place()).toBe("/rooms/3/");
});

test("after the end nobody listens, and where there is no worker nobody can", () => {
  for (const stop of stops) stop();
  hear({ type: "maru.go", path: "/rooms/12/" });
  expect(place()).toBe("/rooms/3/");
  Object.defineProperty(navigator, "serviceWorker", { value: undefined, configurable: true });
  startNotices()();
});
