// My settings: what I am called, the language, the colours, and the way out.
import { ArrowLeft, LogOut } from "lucide-preact";
import { useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import { language, t, useLanguage } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { Field } from "../common/Field";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { tell, toast } from "../common/toasts";
import { DataCard } from "../exports/DataCard";
import { layout } from "../layout";
import { chooseTheme, forgetLanguage, keepLanguage, themeChoice } from "../remembered";
import { nameProblem } from "../rooms/RoomFields";
import { useSubmit } from "../rooms/useSubmit";
import { back, follow } from "../route";
import { me } from "../selectors";
import { EraseCard } from "./EraseCard";
import { PushCard } from "./PushCard";
import { RetentionCard } from "./RetentionCard";
import "../../styles/settings.css";

const LANGUAGES = [
  ["en", "English"],
  ["ko", "한국어"],
] as const;

export function SettingsPage() {
  const actions = useActions();
  const mine = me.value;
  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="room-title">{t("settings.title")}</h1>
      </header>
      <StateLine />
      <div class="settings">
        <section class="settings-card">
          <h2>{t("settings.profile")}</h2>
          <div class="settings-me">
            <Avatar person={mine} size={56} />
            <div>
              <bdi class="settings-name">{mine.name}</bdi>
              <p>
                @{mine.handle}
                {mine.email ? ` · ${mine.email}` : ""}
              </p>
            </div>
          </div>
          <NameForm />
        </section>
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
        <PushCard />
        <section class="settings-card">
          <h2>{t("notify.title")}</h2>
          <ul class="settings-links">
            <li>
              <a href="/settings/notifications/" onClick={follow}>
                {t("settings.notifications")}
              </a>
            </li>
          </ul>
        </section>
        <section class="settings-card">
          <h2>{t("settings.account")}</h2>
          <ul class="settings-links">
            <li>
              <a href="/accounts/password/change/">{t("settings.password")}</a>
            </li>
            <li>
              <a href="/accounts/email/">{t("settings.email")}</a>
            </li>
          </ul>
        </section>
        <DataCard />
        <RetentionCard />
        <section class="settings-card settings-out">
          <p>{t("settings.sign_out_hint")}</p>
          <Button icon={LogOut} onClick={() => void tell(actions.signOut())}>
            {t("sidebar.sign_out")}
          </Button>
        </section>
        <EraseCard />
      </div>
    </main>
  );
}

function NameForm() {
  const actions = useActions();
  const [name, setName] = useState(me.peek().name);
  const { isBusy, failure, run } = useSubmit();
  const problem = nameProblem(name);
  const isSame = name.trim() === me.value.name;
  return (
    <form
      class="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (problem || isSame) return;
        run(async () => {
          await actions.updateMe({ name: name.trim() });
          toast(t("settings.saved"));
        });
      }}
    >
      <Field label={t("settings.name")} hint={t("settings.name_hint")} error={problem ?? failure}>
        {(ids) => (
          <div class="settings-row">
            <input
              {...ids}
              class="input"
              type="text"
              autocomplete="name"
              dir="auto"
              maxLength={LIMITS.NAME_MAX_CHARS}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <Button kind="primary" type="submit" busy={isBusy} disabled={isSame || problem !== null}>
              {t("dialog.save")}
            </Button>
          </div>
        )}
      </Field>
    </form>
  );
}
