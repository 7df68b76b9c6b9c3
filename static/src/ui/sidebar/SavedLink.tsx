// The way to the messages that I have saved, with the number of those that are still to be done.
import { Bookmark } from "lucide-preact";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { follow, route } from "../route";

export function SavedLink() {
  const n = state.value.later.saved?.size ?? 0;
  return (
    <a
      class="room-link"
      href="/saved/"
      aria-current={route.value.place === "saved" ? "page" : undefined}
      onClick={follow}
    >
      <span class="room-link-sign">
        <Bookmark size={16} strokeWidth={2} aria-hidden="true" />
      </span>
      <span class="room-link-name">{t("saved.title")}</span>
      {n > 0 ? (
        <span class="unread-count">
          <span aria-hidden="true">{n > 99 ? "99+" : n}</span>
          <span class="unseen">, {t("saved.count", { n })}</span>
        </span>
      ) : null}
    </a>
  );
}
