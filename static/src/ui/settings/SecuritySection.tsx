// How I sign in.
import { t } from "../../text/t";

export function SecuritySection() {
  return (
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
  );
}
