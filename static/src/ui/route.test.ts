// Addresses and the places they name.
import { expect, test } from "vitest";
import { parseRoute, roomPath } from "./route";

test.each([
  ["/", "", { place: "home" }],
  ["/rooms/", "", { place: "browse" }],
  ["/rooms", "", { place: "browse" }],
  ["/settings/", "", { place: "settings", section: null }],
  ["/settings", "", { place: "settings", section: null }],
  ["/settings/notifications/", "", { place: "settings", section: "notifications" }],
  ["/settings/elsewhere/", "", { place: "settings", section: "elsewhere" }],
  ["/later/", "", { place: "later" }],
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
