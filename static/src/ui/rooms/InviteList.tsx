// Invite links that work: to where, how long still, how many have come, who they are; and the end of one.
import { Link2Off, UsersRound } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { Invitation, InviteUse } from "../../net/actions";
import { state } from "../../store/signals";
import { dayOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { IconButton } from "../common/IconButton";
import { Failed, Skeleton } from "../common/States";
import { tell } from "../common/toasts";
import { errorText } from "../errors";
import { roomName, userName } from "../names";
import { me } from "../selectors";
import "../../styles/role-mark.css";

export function InviteList() {
  const actions = useActions();
  const [items, setItems] = useState<readonly Invitation[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [trial, setTrial] = useState(0);
  const isAdmin = me.value.role === "owner" || me.value.role === "admin";

  useEffect(() => {
    let isGone = false;
    setFailure(null);
    actions.invites(isAdmin ? "all" : "mine").then(
      (found) => {
        if (!isGone) setItems(found);
      },
      (error: unknown) => {
        if (!isGone) setFailure(errorText(error));
      },
    );
    return () => {
      isGone = true;
    };
  }, [trial, isAdmin]);

  const revoke = async (id: number): Promise<void> => {
    if (await tell(actions.revokeInvite(id))) setItems((items ?? []).filter((item) => item.id !== id));
  };
  if (failure) return <Failed text={failure} onRetry={() => setTrial(trial + 1)} />;
  if (!items) return <Skeleton rows={1} />;
  if (items.length === 0) return null;
  return (
    <section class="invite-list" aria-labelledby="invite-list">
      <h3 id="invite-list">{t("invite.working")}</h3>
      <ul>
        {items.toReversed().map((item) => (
          <InviteRow key={item.id} item={item} onRevoke={() => void revoke(item.id)} />
        ))}
      </ul>
    </section>
  );
}

function InviteRow({ item, onRevoke }: { item: Invitation; onRevoke: () => void }) {
  const actions = useActions();
  const [uses, setUses] = useState<readonly InviteUse[] | null>(null);
  const room = item.room === null ? undefined : state.value.rooms.get(item.room);
  const name = room
    ? roomName(room, state.value)
    : t(item.room === null ? "invite.no_room" : "invite.other_room");
  const by = item.created_by === me.value.id ? null : userName(item.created_by, state.value);
  const show = (): void => {
    if (uses) setUses(null);
    else void tell(actions.inviteUses(item.id).then(setUses));
  };
  return (
    <li class="invite-row">
      <div class="invite-words">
        <p>
          <bdi>{name}</bdi>
          {item.role === "member" ? null : <span class="role-mark">{t(`role.${item.role}`)}</span>}
        </p>
        <p class="invite-meta">
          {t("invite.used", { n: item.uses, max: item.max_uses })}
          {" · "}
          {t("invite.until", { day: dayOf(item.expires_at) })}
          {by ? ` · ${by}` : ""}
        </p>
        {uses ? (
          <ul class="invite-uses">
            {uses.map(({ user }) => (
              <li key={user.id}>
                <Avatar person={user} size={24} />
                <bdi>{user.name}</bdi>
              </li>
            ))}
            {uses.length === 0 ? <li>{t("invite.nobody")}</li> : null}
          </ul>
        ) : null}
      </div>
      <IconButton
        icon={UsersRound}
        label={t("invite.who", { name })}
        expanded={uses !== null}
        onClick={show}
      />
      <IconButton icon={Link2Off} label={t("invite.revoke", { name })} onClick={onRevoke} />
    </li>
  );
}
