// The service worker: what it shows of a push, and where a press leads.
import { beforeEach, expect, test, vi } from "vitest";

type Listener = (event: object) => void;

interface FakePage {
  url: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

const listeners = new Map<string, Listener>();
const shown = vi.fn(async (_title: string, _options: object) => undefined);
const opened = vi.fn(async (_url: string) => undefined);
const claimed = vi.fn(async () => undefined);
const skipped = vi.fn(async () => undefined);
let pages: FakePage[] = [];
let before: { data?: unknown }[] = [];

vi.stubGlobal("self", {
  location: { origin: "https://chat.example.org" },
  registration: { showNotification: shown, getNotifications: async () => before },
  clients: { claim: claimed, matchAll: async () => pages, openWindow: opened },
  skipWaiting: skipped,
  addEventListener: (type: string, listener: Listener) => listeners.set(type, listener),
});
await import("./worker");

beforeEach(() => {
  pages = [];
  before = [];
  for (const spy of [shown, opened, claimed, skipped]) spy.mockClear();
});

async function happen(type: string, event: object = {}): Promise<void> {
  const works: Promise<unknown>[] = [];
  listeners.get(type)!({ ...event, waitUntil: (work: Promise<unknown>) => works.push(work) });
  expect(works).toHaveLength(1);
  await Promise.all(works);
}

const push = (json: () => unknown): Promise<void> => happen("push", { data: { json } });
const press = async (data?: unknown): Promise<boolean> => {
  const close = vi.fn();
  await happen("notificationclick", { notification: { close, data } });
  return close.mock.calls.length === 1;
};

function page(url: string): FakePage & { heard: unknown[]; isFocused: boolean } {
  const made = {
    url,
    heard: [] as unknown[],
    isFocused: false,
    focus: async () => {
      made.isFocused = true;
    },
    postMessage: (message: unknown) => void made.heard.push(message),
  };
  return made;
}

test("a push is shown as one notification of its room, which leads to the message", async () => {
  await push(() => ({
    title: "Alice",
    body: "hi",
    tag: "room-12",
    path: "/rooms/12/?seq=7",
    room: 12,
    message: 9,
  }));
  expect(shown).toHaveBeenCalledExactlyOnceWith("Alice", {
    body: "hi",
    tag: "room-12",
    renotify: true,
    silent: false,
    icon: "/static/icon-192.png",
    badge: "/static/icon-192.png",
    data: { path: "/rooms/12/?seq=7" },
  });
});

test("a push of what an open page has told already is not heard twice", async () => {
  before = [{ data: { path: "/rooms/12/?seq=7" } }];
  await push(() => ({ title: "Alice", body: "hi", tag: "room-12", path: "/rooms/12/?seq=7" }));
  expect(shown).toHaveBeenCalledWith("Alice", expect.objectContaining({ renotify: false, silent: true }));
  await push(() => ({ title: "Alice", body: "and", tag: "room-12", path: "/rooms/12/?seq=8" }));
  expect(shown).toHaveBeenLastCalledWith("Alice", expect.objectContaining({ renotify: true, silent: false }));
});

test.each([
  ["no JSON", () => JSON.parse("{")],
  ["nothing", () => null],
  ["other types", () => ({ title: 5, body: {}, tag: null, path: ["/x"] })],
])("of %s something is shown all the same", async (_, json) => {
  await push(json);
  expect(shown).toHaveBeenCalledExactlyOnceWith(
    "Maru",
    expect.objectContaining({ body: "", data: { path: "/" } }),
  );
});

test("a push without data is shown too", async () => {
  await happen("push", { data: null });
  expect(shown).toHaveBeenCalledOnce();
});

test("a press opens the message where no page of ours is", async () => {
  pages = [page("https://chat.example.org/staff/"), page("https://chat.example.org/accounts/email/")];
  expect(await press({ path: "/rooms/12/?seq=7" })).toBe(true);
  expect(opened).toHaveBeenCalledExactlyOnceWith("/rooms/12/?seq=7");
});

test.each([
  "https://chat.example.org/",
  "https://chat.example.org/rooms/3/?seq=1",
  "https://chat.example.org/later/",
  "https://chat.example.org/search/?q=plan",
  "https://chat.example.org/unread/",
  "https://chat.example.org/settings/",
])("a press brings the page at %s to the front and has it go there", async (url) => {
  const ours = page(url);
  pages = [page("https://chat.example.org/staff/"), ours];
  await press({ path: "/rooms/12/?thread=5" });
  expect([ours.isFocused, ours.heard]).toEqual([true, [{ type: "maru.go", path: "/rooms/12/?thread=5" }]]);
  expect(opened).not.toHaveBeenCalled();
});

test.each([
  [undefined],
  [{ path: "https://evil.example.com/x" }],
  [{ path: "//evil.example.com/x" }],
  [{ path: 5 }],
])("a press never leads out of the page: %j", async (data) => {
  await press(data);
  expect(opened).toHaveBeenCalledExactlyOnceWith("/");
});

test("a newer worker takes over at once", async () => {
  await happen("install");
  await happen("activate");
  expect([skipped.mock.calls.length, claimed.mock.calls.length]).toEqual([1, 1]);
});
