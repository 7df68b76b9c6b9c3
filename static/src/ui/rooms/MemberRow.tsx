// One person of a room, and what I may do about it.
import { Crown, Ellipsis, MessageCircle, Shield, User as UserIcon, UserMinus } from "lucide-preact";
import type { Member, RoomRole, RoomState } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar, statusText } from "../common/Avatar";
import { MenuButton, type MenuItem } from "../common/Menu";
import { tell } from "../common/toasts";
import { toggleCard } from "../profile/card";
import { DoingMark } from "../profile/Doing";
import { go, roomPath } from "../route";
import { me, type Rights } from "../selectors";

interface MemberRowProps {
  member: Member;
  room: RoomState;
  rights: Rights;
}

export function MemberRow({ member, room, rights }: MemberRowProps) {
  const actions = useActions();
  const { user, role } = member;
  const isMe = user.id === me.value.id;
  const items: MenuItem[] = [];

  if (!isMe && room.kind !== "direct") {
    items.push({
      label: t("people.message"),
      icon: MessageCircle,
      choose: () => void tell(actions.openDirect([user.id]).then((id) => go(roomPath(id)))),
    });
  }
  if (rights.run) {
    for (const next of ["owner", "moderator", "member"] as const) {
      if (next === role) continue;
      items.push({
        label: t(`role.make_${next}`),
        icon: ROLE_ICON[next],
        choose: () => void tell(actions.setRole(room.id, user.id, next)),
      });
    }
  }
  if (!isMe && rights.removeMembers && (rights.run || role === "member" || role === "guest")) {
    items.push({
      label: t("members.remove"),
      icon: UserMinus,
      danger: true,
      apart: true,
      choose: () => void tell(actions.removeMember(room.id, user.id)),
    });
  }

  return (
    <li class="member">
      <Avatar person={user} size={36} status={user.status} />
      <div class="member-words">
        <p class="member-name">
          <button
            type="button"
            class="member-open"
            aria-haspopup="dialog"
            onClick={(event) => toggleCard(user.id, event.currentTarget)}
          >
            <bdi>{user.name}</bdi>
          </button>
          {isMe ? <span class="member-you">{t("people.me_mark")}</span> : null}
          {user.is_bot ? <span class="bot-mark">{t("people.bot")}</span> : null}
        </p>
        <p class="member-meta">
          <span>@{user.handle}</span>
          <DoingMark doing={user.doing} hasWords />
          {user.status === "unknown" ? null : <span class="unseen">{statusText(user.status)}</span>}
        </p>
      </div>
      {role === "member" ? null : <span class="role-mark">{roleText(role)}</span>}
      {items.length > 0 ? (
        <MenuButton icon={Ellipsis} label={t("members.menu", { name: user.name })} items={items} />
      ) : null}
    </li>
  );
}

const ROLE_ICON = { owner: Crown, moderator: Shield, member: UserIcon } as const;

function roleText(role: RoomRole): string {
  return t(`role.${role}`);
}
