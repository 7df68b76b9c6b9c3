import { describe, expect, it } from "vitest";
import type { User } from "../../protocol";
import type { Room } from "../../store/state";
import { groupsOf, scopeOf, type Wanted } from "./targets";

type Fields = Partial<Room["state"]>;

const room = (id: number, name: string, fields: Fields = {}): Room =>
  ({ state: { id, name, kind: "open", unread: 0, mentions: 0, level: "all", peers: [], ...fields } }) as Room;
const user = (id: number, name: string): User =>
  ({ id, name, handle: name.toLowerCase(), avatar: null, is_bot: false, status: "online" }) as User;

const ROOMS = [room(1, "General"), room(2, "Garden"), room(3, "Design"), room(4, "Release")];

function offered(query: string, fields: Partial<Wanted<string, number>> = {}): Record<string, string[]> {
  const groups = groupsOf<string, number>({
    query,
    rooms: ROOMS,
    people: [user(7, "Gina"), user(8, "Mina")],
    commands: ["Go to settings", "New room"],
    messages: [],
    recent: [],
    current: null,
    roomWords: ({ state }) => [state.name],
    commandWords: (command) => [command],
    commandKey: (command) => command,
    messageKey: (message) => message,
    ...fields,
  });
  return Object.fromEntries(groups.map(({ heading, targets }) => [heading, targets.map(({ key }) => key)]));
}

describe("the quick switcher offers", () => {
  it("the rooms where I was before, without the one that is open, and then what is unread", () => {
    const rooms = [...ROOMS, room(5, "News", { unread: 3 }), room(6, "Ops", { unread: 1, mentions: 1 })];
    expect(offered("", { rooms, recent: [3, 1, 99, 2], current: 3 })).toEqual({
      recent: ["r1", "r2"],
      unread: ["r6", "r5"],
    });
  });

  it("all rooms to whoever has been nowhere, and no muted one as unread", () => {
    const rooms = [room(1, "General"), room(5, "Noise", { unread: 3, level: "none" })];
    expect(offered("", { rooms })).toEqual({ rooms: ["r1", "r5"] });
  });

  it("what begins with the letters first, and of those where I was last", () => {
    expect(offered("g", { recent: [2] }).rooms).toEqual(["r2", "r1", "u7", "r3"]);
    expect(offered("g", { recent: [2], current: 2 }).rooms).toEqual(["r1", "u7", "r2", "r3"]);
  });

  it("commands by any of their words, and always the search", () => {
    expect(offered("room").commands).toEqual(["cNew room"]);
    expect(offered("nothing like it")).toEqual({ messages: ["search"] });
    expect(offered("release", { messages: [12] }).messages).toEqual(["m12", "search"]);
  });

  it("only what a sign asks for", () => {
    expect(offered("#ge")).toEqual({ rooms: ["r1"] });
    expect(offered("@mi")).toEqual({ rooms: ["u8"] });
    expect(offered(">")).toEqual({ commands: ["cGo to settings", "cNew room"] });
    expect(scopeOf(" > new ")).toEqual({ scope: "commands", query: "new" });
  });

  it("a person with whom there is a conversation once", () => {
    const rooms = [room(9, "Mina", { kind: "direct", peers: [8] })];
    expect(offered("mina", { rooms }).rooms).toEqual(["r9"]);
    expect(offered("@mina", { rooms }).rooms).toEqual(["r9"]);
    expect(offered("#mina", { rooms }).rooms).toBeUndefined();
  });
});
