import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { forgetLanguage, keepLanguage, keptLanguage } from "./remembered";

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
});

afterEach(() => vi.unstubAllGlobals());

it("lets go of a language that was told, not of one that was chosen since", () => {
  keepLanguage(7, "ko");
  keepLanguage(7, "en");
  forgetLanguage(7, "ko");
  expect(keptLanguage(7)).toBe("en");
  forgetLanguage(7, "en");
  expect(keptLanguage(7)).toBeNull();
});
