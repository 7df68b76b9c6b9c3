// The words of the screen in the language of the person, with plural forms.
import { signal } from "@preact/signals";
import type en from "./en.json";

export type Key = keyof typeof en;
export type Language = "en" | "ko";
export type Values = Record<string, string | number>;

/** A text, or one text for each plural form of the language (chosen by `n`). */
export type Entry = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Catalogue = Record<Key, Entry>;

interface Words {
  language: Language;
  catalogue: Partial<Catalogue>;
  plural: Intl.PluralRules;
  number: Intl.NumberFormat;
}

// A signal, so that what is on the screen follows a change of the language at once.
const words = signal<Words>(wordsOf("en", {}));

/** Load a language and show it; resolves when the catalogue is there. */
export async function useLanguage(language: Language): Promise<void> {
  const loaded = language === "ko" ? await import("./ko.json") : await import("./en.json");
  words.value = wordsOf(language, loaded.default as Catalogue);
  if (typeof document !== "undefined") document.documentElement.lang = language;
}

/** The language on the screen now. */
export function language(): Language {
  return words.value.language;
}

/** The text of a key; `{name}` is replaced by the value of that name, and `n` chooses the plural form. */
export function t(key: Key, values: Values = {}): string {
  const { catalogue, plural, number } = words.value;
  const entry = catalogue[key];
  if (entry === undefined) return key;
  const text = typeof entry === "string" ? entry : formOf(entry, plural, values.n);
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return placeholder;
    return typeof value === "number" ? number.format(value) : value;
  });
}

/** Whether a text that came from outside is a key of the catalogue. */
export function isKey(text: string): text is Key {
  return Object.hasOwn(words.value.catalogue, text);
}

function formOf(
  entry: Exclude<Entry, string>,
  plural: Intl.PluralRules,
  n: string | number | undefined,
): string {
  return entry[plural.select(Number(n ?? 0))] ?? entry.other ?? "";
}

function wordsOf(language: Language, catalogue: Partial<Catalogue>): Words {
  return {
    language,
    catalogue,
    plural: new Intl.PluralRules(language),
    number: new Intl.NumberFormat(language),
  };
}
