// What I arrange is there at once, is stored once, and does not undo what another device has arranged.
import { expect, test } from "vitest";
import type { Sidebar } from "../protocol";
import type { Input } from "../store/inputs";
import { moved, named, PLAIN } from "../store/sidebar";
import { ActionError } from "./error";
import { FakeClock } from "./fakes";
import { Arranging } from "./sidebar";

class Server {
  sidebar: Sidebar = PLAIN;
  isAway = false;
  puts = 0;

  get = async <T>(): Promise<T> => {
    if (this.isAway) throw new ActionError("unreachable", "", true);
    return this.sidebar as T;
  };

  put = async <T>(_path: string, body?: unknown): Promise<T> => {
    this.puts++;
    if (this.isAway) throw new ActionError("unreachable", "", true);
    const asked = body as Sidebar;
    if (asked.version !== this.sidebar.version) throw new ActionError("conflict", "", false);
    this.sidebar = { ...asked, version: asked.version + 1 };
    return this.sidebar as T;
  };
}

function setUp() {
  const server = new Server();
  const clock = new FakeClock();
  const shown: Sidebar[] = [];
  const dispatch = (...inputs: Input[]): void => {
    for (const input of inputs) if (input.type === "local.sidebar") shown.push(input.sidebar);
  };
  const arranging = new Arranging({ api: server, clock, dispatch });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  return { server, clock, shown, arranging, settle };
}

test("it is read after each connection and when another device has changed it", async () => {
  const { server, clock, shown, arranging, settle } = setUp();
  server.sidebar = { ...PLAIN, version: 3, favourites: [1] };
  arranging.hear([{ type: "synced" }]);
  await clock.pass(200);
  await settle();
  expect(shown.at(-1)).toEqual(server.sidebar);
  server.sidebar = { ...PLAIN, version: 4, favourites: [2] };
  arranging.hear([{ type: "sidebar.changed" }, { type: "sidebar.changed" }]);
  await clock.pass(200);
  await settle();
  expect(shown).toHaveLength(2);
  expect(shown.at(-1)?.favourites).toEqual([2]);
});

test("a change is shown at once and those in a row are stored one after the other", async () => {
  const { server, shown, arranging } = setUp();
  const done = [arranging.arrange(named("a", "A")), arranging.arrange(moved(7, "a"))];
  expect(shown.at(-1)?.sections).toEqual([{ id: "a", name: "A", rooms: [7] }]);
  await Promise.all(done);
  expect(server.sidebar.sections).toEqual([{ id: "a", name: "A", rooms: [7] }]);
});

test("what another device was first with stays", async () => {
  const { server, clock, shown, arranging, settle } = setUp();
  arranging.hear([{ type: "synced" }]);
  await clock.pass(200);
  await settle();
  server.sidebar = { ...PLAIN, version: 8, favourites: [1] };
  await arranging.arrange(moved(2, "favourites"));
  expect(server.sidebar.favourites).toEqual([1, 2]);
  expect(shown.at(-1)?.favourites).toEqual([1, 2]);
});

test("what could not be stored is taken back, and who asked is told", async () => {
  const { server, clock, shown, arranging, settle } = setUp();
  server.sidebar = { ...PLAIN, version: 1, favourites: [1] };
  arranging.hear([{ type: "synced" }]);
  await clock.pass(200);
  await settle();
  server.isAway = true;
  await expect(arranging.arrange(moved(2, "favourites"))).rejects.toThrow();
  expect(shown.at(-1)?.favourites).toEqual([1]);
});
