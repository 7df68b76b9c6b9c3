import { describe, expect, it } from "vitest";
import en from "../../text/en.json";
import { COMMANDS } from "../commands";
import { chordOf } from "./keys";
import { GROUPS, SHORTCUTS } from "./table";

describe("the table of shortcuts", () => {
  it("has each key once among those that listen", () => {
    const keys = SHORTCUTS.filter(({ run }) => run).flatMap((shortcut) => shortcut.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("has words for everything, and each group something", () => {
    for (const { text, keys } of SHORTCUTS) {
      expect(en).toHaveProperty([text]);
      expect(keys.every((one) => chordOf(one).key !== "")).toBe(true);
    }
    expect(GROUPS.map((group) => SHORTCUTS.some((shortcut) => shortcut.group === group))).not.toContain(
      false,
    );
  });

  it("has the keys that commands show", () => {
    const listened = new Set(SHORTCUTS.flatMap((shortcut) => shortcut.keys));
    expect(COMMANDS.flatMap(({ keys }) => keys ?? []).filter((keys) => !listened.has(keys))).toEqual([]);
    expect(new Set(COMMANDS.map(({ id }) => id)).size).toBe(COMMANDS.length);
  });
});
