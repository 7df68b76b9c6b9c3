// Addresses and the places they name.
import { expect, test } from "vitest";
import { parseRoute, roomPath, searchPath } from "./route";

test.each([
  ["/", "", { place: "home" }],
  ["/rooms/", "", { place: "browse" }],
  ["/rooms", "", { place: "browse" }],
  ["/settings/", "", { place: "settings", section: null }],
  ["/settings", "", { place: "settings", section: null }],
  ["/settings/notifications/", "", { place: "settings", section: "notifications" }],
  ["/settings/elsewhere/", "", { place: "settings", section: "elsewhere" }],
  ["/later/", "", { place: "later" }],
  ["/search/", "", { place: "search", q: "", room: null, sort: "newest" }],
  [
    "/search",
    "?q=%ED%9A%8C%EC%9D%98&room=7&sort=best",
    { place: "search", q: "회의", room: 7, sort: "best" },
  ],
  ["/search/", "?q=a+b&room=x&sort=y", { place: "search", q: "a b", room: null, sort: "newest" }],
  ["/saved/", "", { place: "saved" }],
  ["/rooms/12/", "?panel=pins", { place: "room", room: 12, seq: null, panel: { kind: "pins" } }],
  [
    "/rooms/12/",
    "?thread=7&seq=9",
    { place: "room", room: 12, seq: 9, panel: { kind: "thread", message: 7 } },
  ],
  ["/rooms/12/", "", { place: "room", room: 12, seq: null, panel: null }],
  ["/rooms/12", "?seq=347", { place: "room", room: 12, seq: 347, panel: null }],
  ["/rooms/12/", "?thread=9", { place: "room", room: 12, seq: null, panel: { kind: "thread", message: 9 } }],
  ["/rooms/12/", "?panel=members", { place: "room", room: 12, seq: null, panel: { kind: "members" } }],
  ["/rooms/12/", "?panel=x&seq=-3&thread=a", { place: "room", room: 12, seq: null, panel: null }],
  ["/rooms/1e3/", "", { place: "home" }],
  ["/elsewhere/", "", { place: "home" }],
])("%s%s", (path, search, route) => {
  expect(parseRoute(path, search)).toEqual(route);
});

test("a path leads back to its place", () => {
  for (const panel of [null, { kind: "members" } as const, { kind: "thread", message: 5 } as const]) {
    const url = new URL(roomPath(3, panel), "http://localhost");
    expect(parseRoute(url.pathname, url.search)).toEqual({ place: "room", room: 3, seq: null, panel });
  }
});

test("a search leads back to itself", () => {
  for (const wanted of [
    { q: "", room: null, sort: "newest" } as const,
    { q: 'from:me "회의 & notes"', room: 3, sort: "best" } as const,
  ]) {
    const url = new URL(searchPath(wanted), "http://localhost");
    expect(parseRoute(url.pathname, url.search)).toEqual({ place: "search", ...wanted });
  }
});
