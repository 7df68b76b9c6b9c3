// One person of a room, and what I may do about it.
import {
  Ban,
  Crown,
  Ellipsis,
  MessageCircle,
  Shield,
  User as UserIcon,
  UserMinus,
  Volume2,
  VolumeX,
} from "lucide-preact";
import type { Member, RoomRole, RoomState } from "../../protocol";
import { fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar, statusText } from "../common/Avatar";
import { MenuButton, type MenuItem } from "../common/Menu";
import { tell } from "../common/toasts";
import { dialog, type Sanctioned } from "../dialogs";
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
  const isMuted = member.muted_until !== null && Date.parse(member.muted_until) > Date.now();
  const items: MenuItem[] = [];

  if (!isMe && room.kind !== "direct") {
    items.push({
      label: t("people.message"),
      icon: MessageCircle,
      choose: () => void tell(actions.openDirect([user.id]).then((id) => go(roomPath(id)))),
    });
  }
  // A guest of the workspace is one in every room.
  if (rights.run && role !== "guest") {
    for (const next of ["owner", "moderator", "member"] as const) {
      if (next === role) continue;
      items.push({
        label: t(`role.make_${next}`),
        icon: ROLE_ICON[next],
        choose: () => void tell(actions.setRole(room.id, user.id, next)),
      });
    }
  }
  const isBelow = rights.run || role === "member" || role === "guest";
  const moderate = (first: Sanctioned): void => {
    dialog.value = { kind: "moderate", room: room.id, user, message: null, first };
  };
  if (!isMe && rights.removeMembers && isBelow) {
    if (isMuted) {
      items.push({
        label: t("members.unmute"),
        icon: Volume2,
        apart: true,
        choose: () => void tell(actions.unmuteMember(room.id, user.id)),
      });
    } else if (role !== "owner") {
      items.push({ label: t("members.mute"), icon: VolumeX, apart: true, choose: () => moderate("mute") });
    }
    items.push({
      label: t("members.remove"),
      icon: UserMinus,
      danger: true,
      choose: () => moderate("remove"),
    });
    items.push({ label: t("members.ban"), icon: Ban, danger: true, choose: () => moderate("ban") });
  }

  return (
    <div class="member">
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
      {isMuted ? (
        <span class="role-mark" title={mutedText(member.muted_until ?? "")}>
          {t("members.muted")}
        </span>
      ) : null}
      {role === "member" ? null : <span class="role-mark">{roleText(role)}</span>}
      {items.length > 0 ? (
        <MenuButton icon={Ellipsis} label={t("members.menu", { name: user.name })} items={items} />
      ) : null}
    </div>
  );
}

const ROLE_ICON = { owner: Crown, moderator: Shield, member: UserIcon } as const;

function roleText(role: RoomRole): string {
  return t(`role.${role}`);
}

function mutedText(until: string): string {
  // In the year 9999 where no end was set.
  return until.startsWith("9999")
    ? t("members.muted_for_good")
    : t("members.muted_until", { date: fullOf(until) });
}
