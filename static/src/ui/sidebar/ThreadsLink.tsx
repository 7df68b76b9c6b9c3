// The way to the threads that I follow, with the number of those in which something is unread.
import { MessagesSquare } from "lucide-preact";
import { threadTotal } from "../../store/signals";
import { t } from "../../text/t";
import { follow, route } from "../route";

export function ThreadsLink() {
  const n = threadTotal.value;
  return (
    <a
      class="room-link"
      href="/threads/"
      aria-current={route.value.place === "threads" ? "page" : undefined}
      data-bold={n > 0 || undefined}
      onClick={follow}
    >
      <span class="room-link-sign">
        <MessagesSquare size={16} strokeWidth={2} aria-hidden="true" />
      </span>
      <span class="room-link-name">{t("threads.title")}</span>
      {n > 0 ? (
        <span class="mention-count">
          <span aria-hidden="true">{n > 99 ? "99+" : n}</span>
          <span class="unseen">, {t("threads.unread", { n })}</span>
        </span>
      ) : null}
    </a>
  );
}
