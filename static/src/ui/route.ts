// Which place the address names, and how to go to another one (History API).
import { batch, signal } from "@preact/signals";
import type { Wanted } from "../net/actions";

export type Panel = { kind: "members" } | { kind: "pins" } | { kind: "thread"; message: number };

export const ADMIN_SECTIONS = [
  "people",
  "groups",
  "workspace",
  "emoji",
  "data",
  "reports",
  "sanctions",
  "audit",
  "health",
] as const;
export type AdminSection = (typeof ADMIN_SECTIONS)[number];

export type Route =
  | { place: "home" }
  | { place: "browse" }
  | { place: "later" }
  | { place: "saved" }
  | { place: "unread" }
  | { place: "mentions" }
  | ({ place: "search" } & Wanted)
  | { place: "settings"; section: string | null }
  | { place: "admin"; section: AdminSection | null; person: number | null }
  | { place: "threads" }
  | { place: "room"; room: number; seq: number | null; panel: Panel | null };

/** Read an address. What is not a place of ours is home. */
export function parseRoute(path: string, search: string): Route {
  const room = /^\/rooms\/(\d{1,16})\/?$/.exec(path)?.[1];
  if (room) {
    const query = new URLSearchParams(search);
    return { place: "room", room: Number(room), seq: positive(query.get("seq")), panel: panelOf(query) };
  }
  if (/^\/rooms\/?$/.test(path)) return { place: "browse" };
  if (/^\/later\/?$/.test(path)) return { place: "later" };
  if (/^\/saved\/?$/.test(path)) return { place: "saved" };
  if (/^\/unread\/?$/.test(path)) return { place: "unread" };
  if (/^\/mentions\/?$/.test(path)) return { place: "mentions" };
  if (/^\/search\/?$/.test(path)) {
    const query = new URLSearchParams(search);
    const sort = query.get("sort") === "best" ? "best" : "newest";
    return { place: "search", q: query.get("q") ?? "", room: positive(query.get("room")), sort };
  }
  if (/^\/threads\/?$/.test(path)) return { place: "threads" };
  const settings = /^\/settings(?:\/([a-z-]{1,40}))?\/?$/.exec(path);
  if (settings) return { place: "settings", section: settings[1] ?? null };
  if (/^\/admin(\/|$)/.test(path)) return adminRoute(path);
  return { place: "home" };
}

function adminRoute(path: string): Route {
  const [, , name, id] = path.split("/");
  const section = ADMIN_SECTIONS.find((one) => one === name) ?? null;
  return { place: "admin", section, person: section === "people" ? positive(id ?? null) : null };
}

/** The address of a room, with the panel beside it. */
export function roomPath(room: number, panel: Panel | null = null): string {
  if (!panel) return `/rooms/${room}/`;
  return panel.kind === "thread"
    ? `/rooms/${room}/?thread=${panel.message}`
    : `/rooms/${room}/?panel=${panel.kind}`;
}

/** The address of a search. */
export function searchPath({ q = "", room = null, sort = "newest" }: Partial<Wanted>): string {
  const query = new URLSearchParams();
  if (q) query.set("q", q);
  if (room !== null) query.set("room", String(room));
  if (sort === "best") query.set("sort", sort);
  return query.size > 0 ? `/search/?${query}` : "/search/";
}

function panelOf(query: URLSearchParams): Panel | null {
  const message = positive(query.get("thread"));
  if (message !== null) return { kind: "thread", message };
  const panel = query.get("panel");
  return panel === "members" || panel === "pins" ? { kind: panel } : null;
}

function positive(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
}

export const route = signal<Route>({ place: "home" });

/** Which step of the browser's history this is, and whether it was gone back or forward to. */
export const step = signal({ id: "", isReturn: false });

function read(isReturn = false): void {
  batch(() => {
    step.value = { id: held().step ?? "", isReturn };
    route.value = parseRoute(location.pathname, location.search);
  });
}

/** Follow the address from now on. */
export function startRoute(): () => void {
  read();
  const returned = (): void => read(true);
  addEventListener("popstate", returned);
  return () => removeEventListener("popstate", returned);
}

/** Go to a place; `replace` leaves no step to come back to. */
export function go(path: string, replace = false): void {
  if (path === location.pathname + location.search) return;
  const depth = replace ? depthNow() : depthNow() + 1;
  const state = { depth, step: crypto.getRandomValues(new Uint32Array(2)).join("-") };
  if (replace) history.replaceState(state, "", path);
  else history.pushState(state, "", path);
  read();
}

/** One step back when it stays inside the page, else to `otherwise`. */
export function back(otherwise: string): void {
  if (depthNow() > 0) history.back();
  else go(otherwise, true);
}

function depthNow(): number {
  return held().depth ?? 0;
}

function held(): { depth?: number; step?: string } {
  return (history.state as { depth?: number; step?: string } | null) ?? {};
}

/** For links: a plain click stays inside the page, every other one is the browser's. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const link = event.currentTarget as HTMLAnchorElement;
  go(link.pathname + link.search);
}
