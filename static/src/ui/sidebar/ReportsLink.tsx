// The way to the reports that wait for me; there only while some do.
import { Flag } from "lucide-preact";
import { openReports } from "../../store/reports";
import { t } from "../../text/t";
import { follow, route } from "../route";

export function ReportsLink() {
  const n = openReports.value;
  const now = route.value;
  const isHere = now.place === "admin" && now.section === "reports";
  if (n === 0 && !isHere) return null;
  return (
    <a
      class="room-link"
      href="/admin/reports/"
      aria-current={isHere ? "page" : undefined}
      data-bold={n > 0 || undefined}
      onClick={follow}
    >
      <span class="room-link-sign">
        <Flag size={16} strokeWidth={2} aria-hidden="true" />
      </span>
      <span class="room-link-name">{t("reports.title")}</span>
      {n > 0 ? (
        <span class="mention-count">
          <span aria-hidden="true">{n > 99 ? "99+" : n}</span>
          <span class="unseen">, {t("reports.waiting", { n })}</span>
        </span>
      ) : null}
    </a>
  );
}
