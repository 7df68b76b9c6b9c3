// The service worker: starts the page where the network does not, shows what is pushed while the page is closed, and leads a click to it.
// What it keeps of a person is the page itself, with their name in it; it goes as soon as the server knows nobody here any more.
// Its own types: those of a worker and those of a page exclude each other in one compilation.

interface Waiting {
  waitUntil(work: Promise<unknown>): void;
}

interface PushEvent extends Waiting {
  readonly data: { json(): unknown } | null;
}

interface ClickEvent extends Waiting {
  readonly notification: { close(): void; readonly data?: unknown };
}

interface FetchEvent extends Waiting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Page {
  readonly url: string;
  focus(): Promise<Page>;
  postMessage(message: unknown): void;
}

interface Scope {
  readonly location: { readonly origin: string };
  readonly registration: {
    showNotification(title: string, options: object): Promise<void>;
    getNotifications(options: { tag: string }): Promise<readonly { readonly data?: unknown }[]>;
  };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: object): Promise<readonly Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Waiting) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
}

interface Told {
  title: string;
  body: string;
  tag: string;
  path: string;
}

const scope = self as unknown as Scope;
const ICON = "/static/icon-192.png";
/** The same names in net/shell.ts, which fills them at the first visit. */
const SHELL = "maru-shell";
const PARTS = "maru-parts";
const KEPT_PREFIX = "maru-kept-";
/** The same as in net/replaced.ts: every page of ours has it. */
const OURS = 'id="config"';
/** All places of the page are one document. */
const SHELL_KEY = "/";
/** Whoever has the page here does not wait longer than this for a network that is there and carries nothing. */
const PATIENCE_MS = 4_000;

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== scope.location.origin) return;
  if (request.mode === "navigate") {
    // Whoever comes to the door is nobody yet, or no longer.
    if (/^\/accounts\/(?:login|logout)\//.test(url.pathname)) event.waitUntil(forget());
    else if (request.method === "GET" && isThePage(url)) event.respondWith(shell(event));
  } else if (request.method === "GET" && url.pathname.startsWith("/static/")) {
    event.respondWith(part(request, url));
  }
});
scope.addEventListener("push", (event) => event.waitUntil(show(told(event))));
scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(lead(pathIn(event.notification.data)));
});

/** What was pushed; of what cannot be read the name of the product is left, because a browser wants to see something. */
function told(event: PushEvent): Told {
  let found: Partial<Record<keyof Told, unknown>> = {};
  try {
    found = Object(event.data?.json());
  } catch {
    // No JSON.
  }
  const text = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);
  return {
    title: text(found.title, "Maru"),
    body: text(found.body, ""),
    tag: text(found.tag, "maru"),
    path: text(found.path, "/"),
  };
}

/** The page from the server; the one that is kept where the server cannot be reached or is too slow to wait for. */
async function shell(event: FetchEvent): Promise<Response> {
  const kept = await (await caches.open(SHELL)).match(SHELL_KEY, { ignoreVary: true });
  const asked = fetch(event.request).then((found) => {
    // Where it leads to the sign-in instead, whoever was here is forgotten.
    event.waitUntil(found.type === "opaqueredirect" ? forget() : learn(found.clone()));
    return found.status >= 500 && kept ? kept : found;
  });
  if (!kept) return asked;
  const slow = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([asked.catch(() => kept), slow]);
}

/** Keep the page as the server gives it now; not what a hotel or a proxy has put in its place. */
async function learn(found: Response): Promise<void> {
  if (found.status !== 200 || !(await found.clone().text()).includes(OURS)) return;
  await (await caches.open(SHELL)).put(SHELL_KEY, found);
}

/** A file of the page: one with a name of its own never changes, of the others the newest that can be had. */
async function part(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(PARTS);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept && url.pathname.startsWith("/static/assets/")) return kept;
  try {
    const found = await fetch(request);
    // A part of a film is no film, and no file of the page is a page.
    if (found.status === 200 && !isHtml(found)) await cache.put(request, found.clone());
    return found;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

const isHtml = ({ headers }: Response): boolean =>
  headers.get("content-type")?.startsWith("text/html") ?? false;

/** Throw away what belongs to whoever was here. */
async function forget(): Promise<void> {
  await caches.delete(SHELL);
  for (const { name } of await indexedDB.databases())
    if (name?.startsWith(KEPT_PREFIX)) indexedDB.deleteDatabase(name);
}

/** One notification a room: a newer one takes the place of the one before, and is heard all the same. */
async function show({ title, body, tag, path }: Told): Promise<void> {
  // An open page may have told of the very same message already.
  const before = await scope.registration.getNotifications({ tag });
  const isTold = before.some(({ data }) => Object(data).path === path);
  await scope.registration.showNotification(title, {
    body,
    tag,
    renotify: !isTold,
    silent: isTold,
    icon: ICON,
    badge: ICON,
    data: { path },
  });
}

/** Have a page of ours go there and bring it to the front, else open one. */
async function lead(path: string): Promise<void> {
  const pages = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = pages.find(({ url }) => isThePage(new URL(url)));
  if (!page) {
    await scope.clients.openWindow(path);
    return;
  }
  // First: a browser may refuse to bring it to the front, and the way there is told all the same.
  page.postMessage({ type: "maru.go", path });
  await page.focus();
}

/** Those of the accounts and of the staff are pages too, and would not understand. */
function isThePage(url: URL): boolean {
  return (
    url.pathname === "/" ||
    /^\/(rooms|later|saved|search|unread|mentions|threads|settings|admin)\//.test(url.pathname)
  );
}

function pathIn(data: unknown): string {
  const path = Object(data).path;
  if (typeof path !== "string") return "/";
  const url = new URL(path, scope.location.origin);
  return url.origin === scope.location.origin ? url.pathname + url.search : "/";
}

// A module, so that its names are its own.
export type { Told };
