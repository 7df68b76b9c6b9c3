// How I sign in: password, the second step, passkeys, and the provider of this server.
import { KeyRound, Plus, Smartphone } from "lucide-preact";
import type { SecondFactors } from "../../net/actions";
import { dayOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failed, Skeleton } from "../common/States";
import { tell } from "../common/toasts";
import { useRead } from "../common/useRead";
import { me } from "../selectors";
import "../../styles/sign-ins.css";

export function SecuritySection() {
  const actions = useActions();
  const { value: factors, failure, again } = useRead("", () => actions.factors());
  return (
    <>
      <section class="settings-card">
        <h2>{t("settings.account")}</h2>
        <ul class="settings-links">
          <li>
            <a
              href={
                factors?.has_password === false ? "/accounts/password/set/" : "/accounts/password/change/"
              }
            >
              {factors?.has_password === false ? t("security.password_first") : t("settings.password")}
            </a>
          </li>
          <li>
            <a href="/accounts/email/">{t("settings.email")}</a>
            {me.value.email ? <span class="sign-in-meta"> {me.value.email}</span> : null}
          </li>
        </ul>
      </section>
      {failure ? <Failed text={failure} onRetry={() => void again()} /> : null}
      {!factors && !failure ? <Skeleton rows={4} /> : null}
      {factors ? <SecondStep factors={factors} /> : null}
      {factors ? <Passkeys factors={factors} /> : null}
      {factors?.provider ? (
        <section class="settings-card">
          <h2>{factors.provider.name}</h2>
          <p class="field-hint">
            {t(factors.provider.connected ? "security.provider_on" : "security.provider_off", {
              name: factors.provider.name,
            })}
          </p>
          <div class="settings-buttons">
            {factors.provider.connected ? (
              <Button onClick={() => void tell(actions.disconnectProvider()).then(again)}>
                {t("security.provider_disconnect")}
              </Button>
            ) : (
              <a
                class="button button-secondary"
                href="/accounts/oidc/oidc/login/?process=connect&next=/settings/security/"
              >
                {t("security.provider_connect")}
              </a>
            )}
          </div>
        </section>
      ) : null}
    </>
  );
}

function SecondStep({ factors }: { factors: SecondFactors }) {
  const isOn = factors.app || factors.passkeys.length > 0;
  const state = isOn
    ? "security.second_on"
    : factors.required
      ? "security.second_required"
      : "security.second_off";
  return (
    <section class="settings-card">
      <h2>{t("security.second")}</h2>
      <p class="field-hint">{t(state)}</p>
      <ul class="sign-ins">
        <li class="sign-in">
          <Smartphone size={20} strokeWidth={1.75} aria-hidden="true" />
          <div class="sign-in-words">
            <p class="sign-in-name">{t("security.app")}</p>
            <p class="sign-in-meta">{factors.app ? t("security.app_on") : t("security.app_off")}</p>
          </div>
          {factors.app ? (
            <a class="button button-secondary button-small" href="/accounts/2fa/totp/deactivate/">
              {t("security.app_remove")}
            </a>
          ) : (
            <a class="button button-primary button-small" href="/accounts/2fa/totp/activate/">
              {t("security.app_add")}
            </a>
          )}
        </li>
        {isOn ? (
          <li class="sign-in">
            <KeyRound size={20} strokeWidth={1.75} aria-hidden="true" />
            <div class="sign-in-words">
              <p class="sign-in-name">{t("security.codes")}</p>
              <p class="sign-in-meta" data-warning={factors.recovery_codes < 3 || undefined}>
                {t("security.codes_left", { n: factors.recovery_codes })}
              </p>
            </div>
            <a class="button button-secondary button-small" href="/accounts/2fa/recovery-codes/">
              {t("security.codes_show")}
            </a>
          </li>
        ) : null}
      </ul>
    </section>
  );
}

function Passkeys({ factors }: { factors: SecondFactors }) {
  return (
    <section class="settings-card">
      <h2>{t("security.passkeys")}</h2>
      <p class="field-hint">{t("security.passkeys_hint")}</p>
      {factors.passkeys.length > 0 ? (
        <ul class="sign-ins">
          {factors.passkeys.map((key) => (
            <li class="sign-in" key={key.id}>
              <KeyRound size={20} strokeWidth={1.75} aria-hidden="true" />
              <div class="sign-in-words">
                <p class="sign-in-name">
                  <bdi>{key.name}</bdi>
                </p>
                <p class="sign-in-meta">
                  {key.last_used_at
                    ? t("security.used", { when: dayOf(key.last_used_at) })
                    : t("security.added", { when: dayOf(key.created_at) })}
                </p>
              </div>
              <a
                class="button button-secondary button-small"
                href={`/accounts/2fa/passkeys/${key.id}/remove/`}
                aria-label={t("security.passkey_remove", { name: key.name })}
              >
                {t("security.remove")}
              </a>
            </li>
          ))}
        </ul>
      ) : null}
      <div class="settings-buttons">
        <a class="button button-secondary" href="/accounts/2fa/passkeys/add/">
          <Plus size={16} strokeWidth={1.75} aria-hidden="true" />
          <span class="button-words">{t("security.passkey_add")}</span>
        </a>
      </div>
    </section>
  );
}
