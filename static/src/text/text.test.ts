import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ERRORS } from "../protocol";
import { dayKey, dayOf, shortOf, timeOf } from "./dates";
import en from "./en.json";
import ko from "./ko.json";
import { type Entry, isKey, type Key, language, t, useLanguage } from "./t";

const root = join(import.meta.dirname, "..");
const catalogues: Record<string, Record<string, Entry>> = { en, ko };

const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test."))
    .map((name) => join(folder, name));

const forms = (entry: Entry): string[] => (typeof entry === "string" ? [entry] : Object.values(entry));
const placeholders = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

describe("catalogues", () => {
  it("have the same keys", () => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
  });

  it("have no empty text", () => {
    for (const [name, catalogue] of Object.entries(catalogues)) {
      const empty = Object.keys(catalogue).filter((key) =>
        forms(catalogue[key]!).some((text) => text.trim() === ""),
      );
      expect(empty, name).toEqual([]);
    }
  });

  it("name the same values in both languages", () => {
    const named = (catalogue: Record<string, Entry>) =>
      Object.fromEntries(
        Object.entries(catalogue).map(([key, entry]) => [key, placeholders(forms(entry).join(" "))]),
      );
    expect(named(ko)).toEqual(named(en));
  });

  it("have the plural forms that their language needs", () => {
    for (const [name, catalogue] of Object.entries(catalogues)) {
      const needed = new Intl.PluralRules(name).resolvedOptions().pluralCategories;
      const lacking = Object.entries(catalogue)
        .filter(([, entry]) => typeof entry !== "string" && needed.some((form) => !entry[form]))
        .map(([key]) => key);
      expect(lacking, name).toEqual([]);
    }
  });

  it("say something to every error code", () => {
    const missing = Object.keys(ERRORS).filter((code) => !(`error.${code}` in en));
    expect(missing).toEqual([]);
  });

  it("have every key that the page uses", () => {
    const used = sources(root).flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/\bt\(\s*"([^"]+)"/g)].map((match) => match[1]!),
    );
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((key) => !(key in en))).toEqual([]);
  });
});

describe("t", () => {
  beforeAll(() => useLanguage("en"));

  it("puts values in their place and leaves unknown ones visible", () => {
    expect(t("title.unread", { n: 3, name: "general" })).toBe("(3) general");
    expect(t("title.unread", { n: 3 })).toBe("(3) {name}");
  });

  it("does not read values from a prototype or rewrite what a value holds", () => {
    expect(t("error.unknown", { detail: "{constructor}" })).toBe("Something went wrong. {constructor}");
    expect(isKey("constructor")).toBe(false);
  });

  it("writes numbers as the language does", () => {
    expect(t("title.unread", { n: 12345, name: "x" })).toBe("(12,345) x");
  });

  it("chooses the plural form by n", () => {
    const key = Object.keys(en).find(
      (name) => typeof (en as Record<string, Entry>)[name] !== "string",
    ) as Key;
    const entry = (en as Record<string, Entry>)[key] as { one: string; other: string };
    const filled = (text: string, n: number): string => text.replace("{n}", String(n));
    expect(t(key, { n: 1 })).toBe(filled(entry.one, 1));
    expect(t(key, { n: 2 })).toBe(filled(entry.other, 2));
  });

  it("changes the language at once", async () => {
    await useLanguage("ko");
    expect([language(), t("date.today")]).toEqual(["ko", "오늘"]);
    await useLanguage("en");
    expect([language(), t("date.today")]).toEqual(["en", "Today"]);
  });
});

describe("dates", () => {
  beforeAll(() => useLanguage("en"));
  const now = new Date(2026, 2, 12, 15, 0).getTime();
  const at = (month: number, day: number, year = 2026): number =>
    new Date(year, month - 1, day, 9, 5).getTime();

  it("are said as a person does", () => {
    expect(dayOf(at(3, 12), now)).toBe("Today");
    expect(dayOf(at(3, 11), now)).toBe("Yesterday");
    expect(dayOf(at(3, 9), now)).toBe("Monday");
    expect(dayOf(at(3, 2), now)).toBe("Monday, March 2");
    expect(dayOf(at(12, 31, 2025), now)).toBe("December 31, 2025");
    expect(timeOf(at(3, 12))).toMatch(/^9:05\sAM$/);
    expect(shortOf(at(3, 11), now)).toBe("Yesterday");
    expect(shortOf(at(3, 12), now)).toBe(timeOf(at(3, 12)));
  });

  it("are Korean in Korean", async () => {
    await useLanguage("ko");
    expect(dayOf(at(3, 11), now)).toBe("어제");
    expect(dayOf(at(3, 2), now)).toBe("3월 2일 월요일");
    expect(timeOf(at(3, 12))).toBe("오전 9:05");
    await useLanguage("en");
  });

  it("change at local midnight and nowhere else", () => {
    expect(dayKey(new Date(2026, 2, 12, 0, 0).getTime())).toBe(
      dayKey(new Date(2026, 2, 12, 23, 59).getTime()),
    );
    expect(dayKey(new Date(2026, 2, 12).getTime())).not.toBe(dayKey(new Date(2026, 2, 13).getTime()));
  });
});
