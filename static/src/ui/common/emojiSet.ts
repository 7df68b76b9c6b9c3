// The heavy part of the emoji picker, loaded the first time somebody opens it. Its data is served by us.

import Database from "emoji-picker-element/database.js";
import Picker from "emoji-picker-element/picker.js";
import type { I18n, NativeEmoji } from "emoji-picker-element/shared";
import enData from "emoji-picker-element-data/en/emojibase/data.json?url";
import koData from "emoji-picker-element-data/ko/cldr/data.json?url";
import type { CustomEmoji } from "../../protocol";
import type { Language } from "../../text/t";
import type { EmojiChoice } from "../composer/emojiWords";
import shortNames from "./shortNames.json";

const SOURCES = { en: enData, ko: koData } as const;
const databases = new Map<Language, Database>();
// As many as stand there without scrolling, on a phone too.
const SEARCHED_MAX_COUNT = 6;

/** The emoji that words mean, in the language in which they are written. */
export async function searchEmoji(words: string): Promise<EmojiChoice[]> {
  const language: Language = /[ㄱ-ㆎ가-힣]/u.test(words) ? "ko" : "en";
  let database = databases.get(language);
  if (!database) {
    database = new Database({ locale: language, dataSource: SOURCES[language] });
    databases.set(language, database);
  }
  const found = (await database.getEmojiBySearchQuery(words)) as NativeEmoji[];
  const asked = words.replaceAll(" ", "_");
  // What the server knows by a short name comes first, as it would be sent.
  const short: Record<string, string> = shortNames;
  const meant = Object.keys(short).filter((name) => name.startsWith(asked));
  // Who types a name in full means that one.
  const rank = (one: NativeEmoji): number =>
    meant.some((name) => bare(short[name]!) === bare(one.unicode))
      ? -1
      : one.shortcodes?.includes(asked) || one.annotation === words || one.tags?.includes(words)
        ? 0
        : one.shortcodes?.some((code) => code.startsWith(asked))
          ? 1
          : 2;
  return found
    .map((one, index) => ({ one, rank: rank(one), index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, SEARCHED_MAX_COUNT)
    .map(({ one }) => ({
      text: plainly(one.unicode),
      name:
        language === "ko"
          ? one.annotation
          : (one.shortcodes?.find((code) => code.startsWith(asked)) ?? one.shortcodes?.[0] ?? one.annotation),
    }));
}

/** An emoji as everybody else writes it: where colours are its nature some data ask for them all the same. */
export function plainly(emoji: string): string {
  return emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, "$1");
}

/** An emoji without the sign that asks for colours, which not every list writes. */
function bare(emoji: string): string {
  return emoji.replaceAll("\uFE0F", "");
}

/** Make a picker in the language of the page, with the emoji of the workspace's own. */
export async function createPicker(
  language: Language,
  own: readonly CustomEmoji[],
): Promise<InstanceType<typeof Picker>> {
  const words =
    language === "ko" ? await import("./emojiKorean") : await import("emoji-picker-element/i18n/en.js");
  return new Picker({
    locale: language,
    dataSource: SOURCES[language],
    i18n: words.default as I18n,
    customEmoji: own.map(({ name, aliases, url }) => ({ name, shortcodes: [name, ...aliases], url })),
  });
}
