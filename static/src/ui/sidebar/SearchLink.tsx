// The way to the search through all that was said.
import { TextSearch } from "lucide-preact";
import { t } from "../../text/t";
import { follow, route } from "../route";

export function SearchLink() {
  return (
    <a
      class="room-link"
      href="/search/"
      aria-current={route.value.place === "search" ? "page" : undefined}
      onClick={follow}
    >
      <span class="room-link-sign">
        <TextSearch size={16} strokeWidth={2} aria-hidden="true" />
      </span>
      <span class="room-link-name">{t("search.link")}</span>
    </a>
  );
}
