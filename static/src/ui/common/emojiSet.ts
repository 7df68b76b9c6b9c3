// The heavy part of the emoji picker, loaded the first time somebody opens it. Its data is served by us.

import Picker from "emoji-picker-element/picker.js";
import type { I18n } from "emoji-picker-element/shared";
import enData from "emoji-picker-element-data/en/emojibase/data.json?url";
import koData from "emoji-picker-element-data/ko/cldr/data.json?url";
import type { Language } from "../../text/t";

/** Make a picker in the language of the page. */
export async function createPicker(language: Language): Promise<InstanceType<typeof Picker>> {
  const words =
    language === "ko" ? await import("./emojiKorean") : await import("emoji-picker-element/i18n/en.js");
  return new Picker({
    locale: language,
    dataSource: language === "ko" ? koData : enData,
    i18n: words.default as I18n,
  });
}
