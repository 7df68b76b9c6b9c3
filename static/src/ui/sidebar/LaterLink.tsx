// The way to what I have put off, with the number of things that wait for me there.
import { Clock, Pencil } from "lucide-preact";
import { drafted } from "../../store/drafts";
import { waitingForMe } from "../../store/later";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { follow, route } from "../route";

export function LaterLink() {
  const draftCount = drafted.value.size;
  const n = waitingForMe(state.value.later);
  return (
    <a
      class="room-link"
      href="/later/"
      aria-current={route.value.place === "later" ? "page" : undefined}
      data-bold={n > 0 || undefined}
      onClick={follow}
    >
      <span class="room-link-sign">
        <Clock size={16} strokeWidth={2} aria-hidden="true" />
      </span>
      <span class="room-link-name">{t("later.title")}</span>
      {draftCount > 0 ? (
        <span class="draft-mark" title={t("drafts.some", { n: draftCount })}>
          <Pencil size={13} strokeWidth={2} aria-hidden="true" />
          <span class="unseen">, {t("drafts.some", { n: draftCount })}</span>
        </span>
      ) : null}
      {n > 0 ? (
        <span class="mention-count">
          <span aria-hidden="true">{n > 99 ? "99+" : n}</span>
          <span class="unseen">, {t("later.waiting", { n })}</span>
        </span>
      ) : null}
    </a>
  );
}
