// Who is in a room, however many: found by name and role, and for those who run it the means to change that.
import { Search, UserPlus } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { MemberKind, MemberSort } from "../../net/actions";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Panel } from "../common/Panel";
import { Failed, Skeleton } from "../common/States";
import { usePages } from "../common/usePages";
import { useSettled } from "../common/useSettled";
import { WindowedList } from "../common/WindowedList";
import { dialog } from "../dialogs";
import { roomName } from "../names";
import { me, rightsOf, synced } from "../selectors";
import { MemberRow } from "./MemberRow";
import "../../styles/members.css";
import "../../styles/role-mark.css";

interface MemberPanelProps {
  room: Room;
  onClose: () => void;
}

/** A few people need no means to find one of them. */
const TOOLS_FROM_COUNT = 10;
const ROW_PX = 56;
/** What many do at once is read once; of a long list later. */
const GATHER_MS = 400;
const GATHER_MS_A_PERSON = 5;

const KINDS = ["", "owner", "moderator", "member", "guest", "bot"] as const;
const SORTS = ["online", "name", "joined"] as const;

export function MemberPanel({ room, onClose }: MemberPanelProps) {
  const actions = useActions();
  const { id, members: count } = room.state;
  const [query, setQuery] = useState("");
  const [kind, setKind] = useState<MemberKind | "">("");
  const [sort, setSort] = useState<MemberSort>("online");
  const text = useSettled(query.trim());
  const question = JSON.stringify([id, text, kind, sort]);
  const pages = usePages(
    question,
    (cursor, limit) => actions.memberPage(id, { q: text, role: kind, sort }, cursor, limit),
    (member) => member.user.id,
  );
  const rights = rightsOf(room.state, me.value.role);
  const { users } = state.value;
  const isHere = synced.value;

  useEffect(() => {
    // Who has come, gone or changed stands elsewhere now; the first page has come with the question itself.
    if (!pages.items) return undefined;
    const timer = setTimeout(pages.again, GATHER_MS + GATHER_MS_A_PERSON * pages.items.length);
    return () => clearTimeout(timer);
  }, [room.memberNews, isHere]);

  const hasTools = count >= TOOLS_FROM_COUNT;
  const title = t("members.title", { n: count });
  return (
    <Panel title={title} detail={roomName(room, state.value)} onClose={onClose}>
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
        {hasTools ? (
          <search class="member-tools">
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
            <div class="member-choices">
              <select
                class="input"
                aria-label={t("members.which")}
                value={kind}
                onChange={(event) => setKind(event.currentTarget.value as MemberKind | "")}
              >
                {KINDS.map((one) => (
                  <option key={one} value={one}>
                    {t(`members.kind_${one || "all"}`)}
                  </option>
                ))}
              </select>
              <select
                class="input"
                aria-label={t("members.order")}
                value={sort}
                onChange={(event) => setSort(event.currentTarget.value as MemberSort)}
              >
                {SORTS.map((one) => (
                  <option key={one} value={one}>
                    {t(`members.sort_${one}`)}
                  </option>
                ))}
              </select>
            </div>
          </search>
        ) : null}
        {!pages.items && !pages.failure ? <Skeleton rows={5} /> : null}
        {pages.items?.length === 0 ? (
          <p class="members-none" role="status">
            {t("people.none")}
          </p>
        ) : null}
        {pages.items ? (
          <WindowedList
            items={pages.items}
            label={title}
            rowPx={ROW_PX}
            question={question}
            keyOf={(member) => member.user.id}
            row={(member) => (
              <MemberRow
                member={{ ...member, user: users.get(member.user.id) ?? member.user }}
                room={room.state}
                rights={rights}
              />
            )}
            onEnd={() => (pages.isMore ? pages.more() : undefined)}
          >
            {pages.isBusy && pages.isMore ? <Skeleton rows={2} /> : null}
          </WindowedList>
        ) : null}
        {pages.failure ? <Failed text={pages.failure} onRetry={pages.again} /> : null}
      </div>
    </Panel>
  );
}
