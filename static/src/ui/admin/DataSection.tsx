// What is kept for how long, and all of it as a file.
import { t } from "../../text/t";
import { DataCard } from "../exports/DataCard";
import { RetentionCard } from "../settings/RetentionCard";

export function DataSection() {
  return (
    <section class="admin-section" aria-labelledby="admin-data">
      <div class="admin-head">
        <h2 id="admin-data">{t("admin.data")}</h2>
      </div>
      <RetentionCard />
      <DataCard of="workspace" />
    </section>
  );
}
