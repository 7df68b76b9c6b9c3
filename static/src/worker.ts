// The service worker: shows what is pushed while the page is closed, and leads a click to it. It keeps nothing and fetches nothing.
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

interface Page {
  readonly url: string;
  focus(): Promise<Page>;
  postMessage(message: unknown): void;
}

interface Scope {
  readonly location: { readonly origin: string };
  readonly registration: { showNotification(title: string, options: object): Promise<void> };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: object): Promise<readonly Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Waiting) => void): void;
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

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
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

/** One notification a room: a newer one takes the place of the one before, and is heard all the same. */
function show({ title, body, tag, path }: Told): Promise<void> {
  return scope.registration.showNotification(title, {
    body,
    tag,
    renotify: true,
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

/** Those of the accounts and of the admin are pages too, and would not understand. */
function isThePage(url: URL): boolean {
  return url.pathname === "/" || /^\/(rooms|later|search|settings)\//.test(url.pathname);
}

function pathIn(data: unknown): string {
  const path = Object(data).path;
  if (typeof path !== "string") return "/";
  const url = new URL(path, scope.location.origin);
  return url.origin === scope.location.origin ? url.pathname + url.search : "/";
}

// A module, so that its names are its own.
export type { Told };
