// The service worker: what it gives where there is no network, and whose page it never gives.
import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

interface Asked {
  answer: Promise<Response> | null;
  works: Promise<unknown>[];
}

const ORIGIN = "https://chat.example.org";
const listeners = new Map<string, (event: object) => void>();
let stores = new Map<string, Map<string, Response>>();
let server: (url: string) => Promise<Response>;
let databases = new IDBFactory();

vi.stubGlobal("self", {
  location: { origin: ORIGIN },
  addEventListener: (type: string, listener: (event: object) => void) => listeners.set(type, listener),
});
vi.stubGlobal("caches", {
  open: async (name: string) => {
    const store = stores.get(name) ?? new Map<string, Response>();
    stores.set(name, store);
    const keyOf = (key: string | { url: string }): string => (typeof key === "string" ? key : key.url);
    return {
      match: async (key: string | { url: string }) => store.get(keyOf(key))?.clone(),
      put: async (key: string | { url: string }, found: Response) => void store.set(keyOf(key), found),
    };
  },
  delete: async (name: string) => stores.delete(name),
});
vi.stubGlobal("fetch", ({ url }: { url: string }) => server(url));
await import("./worker");

beforeEach(() => {
  stores = new Map();
  databases = new IDBFactory();
  vi.stubGlobal("indexedDB", databases);
});
afterEach(() => vi.useRealTimers());

function ask(path: string, fields: object = {}): Asked {
  const asked: Asked = { answer: null, works: [] };
  listeners.get("fetch")!({
    request: { url: new URL(path, ORIGIN).href, method: "GET", mode: "navigate", ...fields },
    waitUntil: (work: Promise<unknown>) => asked.works.push(work),
    respondWith: (answer: Promise<Response>) => {
      asked.answer = answer;
    },
  });
  return asked;
}

/** What somebody gets, when everything that follows from it is done. */
async function got(path: string, fields: object = {}): Promise<string> {
  const asked = ask(path, fields);
  const text = await (await asked.answer!).text();
  await Promise.all(asked.works);
  return text;
}

const gives =
  (text: string, status = 200) =>
  async () =>
    new Response(text, { status });
/** A page that is ours has its configuration in it. */
const ours = (text: string) => `<script id="config" type="application/json">{}</script>${text}`;
const away = () => Promise.reject(new TypeError("no network"));
/** What a browser is given of an answer that leads elsewhere. */
const leadsToTheDoor = async () =>
  Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" }) as Response;

async function remember(user: number): Promise<void> {
  await new Promise((done) => {
    databases.open(`maru-kept-${user}`).onsuccess = (event) => {
      (event.target as IDBOpenDBRequest).result.close();
      done(undefined);
    };
  });
}

test("the page starts without a network, at any of its places, as it was last", async () => {
  server = gives(ours("first"));
  expect(await got("/rooms/3/")).toBe(ours("first"));
  server = gives(ours("second"));
  expect(await got("/later/")).toBe(ours("second"));
  server = away;
  expect(await got("/rooms/12/?seq=5")).toBe(ours("second"));
  expect(await got("/settings/notifications/")).toBe(ours("second"));
  expect(await got("/saved/")).toBe(ours("second"));
});

test("a server that has trouble is no reason not to start, and its error page is not kept", async () => {
  server = gives(ours("page"));
  await got("/");
  server = gives("Bad Gateway", 502);
  expect(await got("/")).toBe(ours("page"));
  server = away;
  expect(await got("/")).toBe(ours("page"));
});

test("the page of a hotel is given where the network is the hotel's, and not kept", async () => {
  server = gives(ours("page"));
  await got("/");
  server = gives("Which room are you in?");
  expect(await got("/")).toBe("Which room are you in?");
  server = away;
  expect(await got("/")).toBe(ours("page"));
});

test("a network that carries nothing is not waited for longer than a few seconds", async () => {
  server = gives(ours("page"));
  await got("/");
  vi.useFakeTimers();
  server = () => new Promise(() => undefined);
  const asked = ask("/rooms/3/");
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await (await asked.answer!).text()).toBe(ours("page"));
});

test("without a page here one is told of the network as ever", async () => {
  server = away;
  await expect(ask("/").answer).rejects.toThrow("no network");
});

test("where the server knows nobody any more, the page and what was kept with it are gone", async () => {
  server = gives(ours("somebody's page"));
  await got("/");
  await remember(3);
  server = leadsToTheDoor;
  await got("/rooms/3/");
  await expect.poll(() => databases.databases()).toEqual([]);
  server = away;
  await expect(ask("/").answer).rejects.toThrow("no network");
});

test.each(["/accounts/login/", "/accounts/logout/"])("at %s nobody is remembered", async (door) => {
  server = gives(ours("somebody's page"));
  await got("/");
  await remember(3);
  const asked = ask(door, { method: door.includes("logout") ? "POST" : "GET" });
  expect(asked.answer).toBeNull();
  await Promise.all(asked.works);
  expect(stores.has("maru-shell")).toBe(false);
  await expect.poll(() => databases.databases()).toEqual([]);
});

test.each([
  ["/staff/", {}],
  ["/accounts/email/", {}],
  ["/api/v1/me", { mode: "cors" }],
  ["/api/v1/attachments/5", { mode: "no-cors" }],
  ["/ws/v1/", { mode: "websocket" }],
  ["https://elsewhere.example.com/static/x.js", { mode: "cors" }],
  ["/static/x.js", { mode: "cors", method: "POST" }],
])("%s is none of its business", (path, fields) => {
  expect(ask(path, fields)).toEqual({ answer: null, works: [] });
});

test("a file whose name changes with it is asked for once", async () => {
  const asked: string[] = [];
  server = async (url) => {
    asked.push(url);
    return new Response(`file ${asked.length}`);
  };
  const as = { mode: "cors" };
  expect([await got("/static/assets/main-abc.js", as), await got("/static/assets/main-abc.js", as)]).toEqual([
    "file 1",
    "file 1",
  ]);
  expect([await got("/static/theme.js", as), await got("/static/theme.js", as)]).toEqual([
    "file 2",
    "file 3",
  ]);
  server = away;
  expect(await got("/static/theme.js", as)).toBe("file 3");
});

test("what is missing, only a part or somebody else's is not kept", async () => {
  const as = { mode: "no-cors" };
  server = gives("none", 404);
  await got("/static/assets/a.js", as);
  server = gives("part", 206);
  await got("/static/assets/b.mp4", as);
  server = async () => new Response("a hotel", { headers: { "content-type": "text/html; charset=utf-8" } });
  await got("/static/assets/c.js", as);
  server = away;
  await expect(ask("/static/assets/a.js", as).answer).rejects.toThrow("no network");
  await expect(ask("/static/assets/b.mp4", as).answer).rejects.toThrow("no network");
  await expect(ask("/static/assets/c.js", as).answer).rejects.toThrow("no network");
});
