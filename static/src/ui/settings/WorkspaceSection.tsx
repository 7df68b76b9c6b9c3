// The way from my settings to what is decided for all.
import { t } from "../../text/t";
import { follow } from "../route";

export function WorkspaceSection() {
  return (
    <section class="settings-card">
      <h2>{t("admin.title")}</h2>
      <p class="field-hint">{t("admin.from_settings")}</p>
      <ul class="settings-links">
        <li>
          <a href="/admin/" onClick={follow}>
            {t("admin.open")}
          </a>
        </li>
      </ul>
    </section>
  );
}
