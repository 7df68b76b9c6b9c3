// The page itself, kept in this browser, so that it starts without a network: filled here once, then by the service worker.
import { OURS } from "./replaced";

/** The same names in worker.ts. */
const SHELL = "maru-shell";
const PARTS = "maru-parts";
const SHELL_KEY = "/";
const WORKER = "/worker.js";
/** What newer pages have replaced is let go when there are so many files. */
const PARTS_MAX_COUNT = 150;

/** Have the page start without a network from now on. Never rejects: without it, it starts as it always did. */
export async function keepShell(): Promise<void> {
  if (!("serviceWorker" in navigator) || !("caches" in globalThis)) return;
  try {
    await navigator.serviceWorker.register(WORKER, { scope: "/" });
    await Promise.all([keepParts(), keepPage()]);
  } catch {
    // A full disk, a private window, a server that is away again.
  }
}

/** Throw the page away, which has somebody's name in it. Never rejects. */
export async function forgetShell(): Promise<void> {
  await globalThis.caches?.delete(SHELL).catch(() => false);
}

async function keepPage(): Promise<void> {
  const cache = await caches.open(SHELL);
  if (await cache.match(SHELL_KEY, { ignoreVary: true })) return;
  const found = await fetch(SHELL_KEY, { credentials: "same-origin" });
  if (found.ok && !found.redirected && (await found.clone().text()).includes(OURS))
    await cache.put(SHELL_KEY, found);
}

/** What this page has loaded before the worker was there to see it. */
async function keepParts(): Promise<void> {
  const cache = await caches.open(PARTS);
  const held = await cache.keys();
  const here = new Set(held.map(({ url }) => url));
  const used = performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => new URL(name).pathname.startsWith("/static/"));
  if (held.length > PARTS_MAX_COUNT)
    await Promise.all(held.filter(({ url }) => !used.includes(url)).map((old) => cache.delete(old)));
  await Promise.all(
    [...new Set(used)]
      .filter((url) => !here.has(url))
      .map(async (url) => {
        const found = await fetch(url);
        const isPage = found.headers.get("content-type")?.startsWith("text/html");
        if (found.ok && !isPage) await cache.put(url, found);
      }),
  );
}
