// The language, the clock and the colours of the page.
import { language, t, useLanguage } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Field } from "../common/Field";
import { tell, toast } from "../common/toasts";
import { InstallCard } from "../install/InstallCard";
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
      <ZoneCard />
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
      <InstallCard />
    </>
  );
}

function ZoneCard() {
  const actions = useActions();
  const zone = me.value.time_zone;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const names = Intl.supportedValuesOf("timeZone");
  // What the server knows and this browser does not, and where this device is.
  const offered = [...new Set([...names, zone, here])].filter(Boolean).sort();
  return (
    <section class="settings-card">
      <h2>{t("settings.zone")}</h2>
      <Field label={t("settings.zone_label")} hint={t("settings.zone_hint")}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={zone}
            onChange={(event) => {
              const field = event.currentTarget;
              void tell(actions.updateMe({ time_zone: field.value })).then((isDone) => {
                if (!isDone) field.value = zone;
                else toast(t("settings.saved"));
              });
            }}
          >
            <option value="">{t("settings.zone_none")}</option>
            {offered.map((name) => (
              <option key={name} value={name}>
                {name.replaceAll("_", " ")}
              </option>
            ))}
          </select>
        )}
      </Field>
      {here && here !== zone ? (
        <div>
          <Button small onClick={() => void tell(actions.updateMe({ time_zone: here }))}>
            {t("settings.zone_here", { here })}
          </Button>
        </div>
      ) : null}
    </section>
  );
}
