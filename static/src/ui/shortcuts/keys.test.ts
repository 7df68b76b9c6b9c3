import { describe, expect, it } from "vitest";
import { chordOf, isLetter, matches, namesOf } from "./keys";

function press(key: string, held: string[] = [], code = "") {
  return {
    key,
    code,
    ctrlKey: held.includes("ctrl"),
    metaKey: held.includes("meta"),
    altKey: held.includes("alt"),
    shiftKey: held.includes("shift"),
  };
}

describe("keys of shortcuts", () => {
  it("need exactly what is held", () => {
    const chord = chordOf("Alt+Shift+ArrowUp");
    expect(matches(chord, press("ArrowUp", ["alt", "shift"]), false)).toBe(true);
    expect(matches(chord, press("ArrowUp", ["alt"]), false)).toBe(false);
    expect(matches(chordOf("Alt+ArrowUp"), press("ArrowUp", ["alt", "shift"]), false)).toBe(false);
    expect(matches(chordOf("J"), press("j", ["ctrl"], "KeyJ"), false)).toBe(false);
    expect(matches(chordOf("J"), press("J", ["shift"], "KeyJ"), false)).toBe(false);
  });

  it("have Ctrl for one house of machines and Cmd for the other", () => {
    const chord = chordOf("Mod+K");
    expect(matches(chord, press("k", ["ctrl"], "KeyK"), false)).toBe(true);
    expect(matches(chord, press("k", ["meta"], "KeyK"), false)).toBe(false);
    expect(matches(chord, press("k", ["meta"], "KeyK"), true)).toBe(true);
    expect(matches(chord, press("k", ["ctrl"], "KeyK"), true)).toBe(false);
    expect(namesOf(chordOf("Mod+Shift+A"), false)).toEqual(["Ctrl", "Shift", "A"]);
    expect(namesOf(chordOf("Mod+Alt+ArrowUp"), true)).toEqual(["⌘", "⌥", "↑"]);
  });

  it("are found by their place where the keyboard writes Korean, by their letter elsewhere", () => {
    expect(matches(chordOf("J"), press("ㅓ", [], "KeyJ"), false)).toBe(true);
    // On a Dvorak keyboard the letter J stands where others have C.
    expect(matches(chordOf("J"), press("j", [], "KeyC"), false)).toBe(true);
    expect(matches(chordOf("J"), press("h", [], "KeyJ"), false)).toBe(false);
  });

  it("take signs whatever has to be held for them", () => {
    expect(matches(chordOf("?"), press("?", ["shift"], "Slash"), false)).toBe(true);
    expect(matches(chordOf("/"), press("/", [], "Slash"), false)).toBe(true);
    expect(matches(chordOf("/"), press("/", ["shift"], "Digit7"), false)).toBe(true);
    expect(matches(chordOf("/"), press("/", ["ctrl"], "Slash"), false)).toBe(false);
    expect(chordOf("+").key).toBe("+");
  });

  it("tell letters from others", () => {
    expect(["J", "?", "+"].map((text) => isLetter(chordOf(text)))).toEqual([true, true, true]);
    expect(["Mod+K", "Escape", "Alt+ArrowUp", "F6"].map((text) => isLetter(chordOf(text)))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
