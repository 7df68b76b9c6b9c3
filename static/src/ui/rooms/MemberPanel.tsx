// Who is in a room: roles, presence, and for those who run it the means to change that.
import { Search, UserPlus } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { Member } from "../../protocol";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Panel } from "../common/Panel";
import { Failed, Skeleton } from "../common/States";
import { dialog } from "../dialogs";
import { errorText } from "../errors";
import { search } from "../match";
import { roomName } from "../names";
import { me, rightsOf } from "../selectors";
import { MemberRow } from "./MemberRow";
import "../../styles/members.css";

interface MemberPanelProps {
  room: Room;
  onClose: () => void;
}

const SEARCH_FROM_COUNT = 10;

export function MemberPanel({ room, onClose }: MemberPanelProps) {
  const actions = useActions();
  const { id } = room.state;
  const [failure, setFailure] = useState<string | null>(null);
  const [trial, setTrial] = useState(0);
  const [query, setQuery] = useState("");
  const rights = rightsOf(room.state, me.value.role);
  const { members } = room;
  const { users } = state.value;

  useEffect(() => {
    let isGone = false;
    setFailure(null);
    actions.members(id).catch((error: unknown) => {
      if (!isGone) setFailure(errorText(error));
    });
    return () => {
      isGone = true;
    };
  }, [id, trial]);

  const fresh = (members ?? []).map((member) => ({
    ...member,
    user: users.get(member.user.id) ?? member.user,
  }));
  const shown = search([...fresh].sort(compare), query, ({ user }) => [user.name, user.handle]);
  return (
    <Panel
      title={t("members.title", { n: room.state.members })}
      detail={roomName(room, state.value)}
      onClose={onClose}
    >
      <div class="members">
        {rights.invite ? (
          <Button
            icon={UserPlus}
            onClick={() => {
              dialog.value = { kind: "add_people", room: id };
            }}
          >
            {t("members.add")}
          </Button>
        ) : null}
        {fresh.length >= SEARCH_FROM_COUNT ? (
          <label class="search-field">
            <span class="unseen">{t("members.search")}</span>
            <Search size={16} strokeWidth={2} aria-hidden="true" />
            <input
              class="input"
              type="search"
              autocomplete="off"
              value={query}
              placeholder={t("members.search")}
              onInput={(event) => setQuery(event.currentTarget.value)}
            />
          </label>
        ) : null}
        {failure ? <Failed text={failure} onRetry={() => setTrial(trial + 1)} /> : null}
        {!members && !failure ? <Skeleton rows={5} /> : null}
        {members && shown.length === 0 ? <p class="members-none">{t("people.none")}</p> : null}
        <ul class="member-list" aria-label={t("members.title", { n: room.state.members })}>
          {shown.map((member) => (
            <MemberRow key={member.user.id} member={member} room={room.state} rights={rights} />
          ))}
        </ul>
      </div>
    </Panel>
  );
}

const ROLE_ORDER = { owner: 0, moderator: 1, member: 2, guest: 3 } as const;
const STATUS_ORDER = { online: 0, away: 1, offline: 2, unknown: 2 } as const;

function compare(a: Member, b: Member): number {
  const roles = ROLE_ORDER[a.role] - ROLE_ORDER[b.role];
  const statuses = STATUS_ORDER[a.user.status] - STATUS_ORDER[b.user.status];
  return roles || statuses || a.user.name.localeCompare(b.user.name);
}
