// The ways to everything unread and to where I am named, with how much it is.
import { AtSign, Inbox, type LucideIcon } from "lucide-preact";
import { mentionTotal, unreadTotal } from "../../store/signals";
import { t } from "../../text/t";
import { follow, route } from "../route";

export function UnreadLinks() {
  return (
    <>
      <PlaceLink
        place="unread"
        icon={Inbox}
        text={t("all_unread.title")}
        count={unreadTotal.value}
        said={t("sidebar.unread", { n: unreadTotal.value })}
      />
      <PlaceLink
        place="mentions"
        icon={AtSign}
        text={t("mentions.title")}
        count={mentionTotal.value}
        said={t("sidebar.mentions", { n: mentionTotal.value })}
        isNaming
      />
    </>
  );
}

interface PlaceLinkProps {
  place: "unread" | "mentions";
  icon: LucideIcon;
  text: string;
  count: number;
  said: string;
  isNaming?: boolean;
}

function PlaceLink({ place, icon: Icon, text, count, said, isNaming = false }: PlaceLinkProps) {
  return (
    <a
      class="room-link"
      href={`/${place}/`}
      aria-current={route.value.place === place ? "page" : undefined}
      data-bold={count > 0 || undefined}
      onClick={follow}
    >
      <span class="room-link-sign">
        <Icon size={16} strokeWidth={2} aria-hidden="true" />
      </span>
      <span class="room-link-name">{text}</span>
      {count > 0 ? (
        <span class={isNaming ? "mention-count" : "unread-count"}>
          <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
          <span class="unseen">, {said}</span>
        </span>
      ) : null}
    </a>
  );
}
