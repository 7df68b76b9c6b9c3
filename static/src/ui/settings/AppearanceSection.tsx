// The language and the colours of the page.
import { language, t, useLanguage } from "../../text/t";
import { useActions } from "../actions";
import { tell } from "../common/toasts";
import { chooseTheme, forgetLanguage, keepLanguage, themeChoice } from "../remembered";
import { me } from "../selectors";

const LANGUAGES = [
  ["en", "English"],
  ["ko", "한국어"],
] as const;

export function AppearanceSection() {
  const actions = useActions();
  const mine = me.value;
  return (
    <>
      <section class="settings-card">
        <h2>{t("settings.language")}</h2>
        <fieldset class="choices-row">
          <legend class="unseen">{t("settings.language")}</legend>
          {LANGUAGES.map(([code, name]) => (
            <label key={code} class="choice" lang={code}>
              <input
                type="radio"
                name="language"
                checked={language() === code}
                onChange={() => {
                  void useLanguage(code);
                  keepLanguage(mine.id, code);
                  void tell(actions.updateMe({ language: code }).then(() => forgetLanguage(mine.id, code)));
                }}
              />
              <span class="choice-name">{name}</span>
            </label>
          ))}
        </fieldset>
      </section>
      <section class="settings-card">
        <h2>{t("settings.theme")}</h2>
        <fieldset class="choices-row">
          <legend class="unseen">{t("settings.theme")}</legend>
          {(["system", "light", "dark"] as const).map((choice) => (
            <label key={choice} class="choice">
              <input
                type="radio"
                name="theme"
                checked={themeChoice.value === choice}
                onChange={() => chooseTheme(choice)}
              />
              <span class="choice-name">{t(`settings.theme_${choice}`)}</span>
            </label>
          ))}
        </fieldset>
        <p class="field-hint">{t("settings.theme_hint")}</p>
      </section>
    </>
  );
}
