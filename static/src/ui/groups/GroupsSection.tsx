// All groups: who is in them, who may change them; new ones are made here.
import { AtSign, Plus } from "lucide-preact";
import { useState } from "preact/hooks";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { AskDialog } from "../admin/AskDialog";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { Empty, Failed, Skeleton } from "../common/States";
import { toast } from "../common/toasts";
import { useRead } from "../common/useRead";
import { forgetGroups, type Group } from "../composer/calls";
import { GroupDialog } from "./GroupDialog";
import { match } from "./match";
import { allGroups, deleteGroup, type GroupWithPeople, groupOf } from "./requests";
import "../../styles/admin.css";
import "../../styles/groups.css";
import "../../styles/role-mark.css";

const SEARCH_FROM = 8;
const FACES_COUNT = 12;

export function GroupsSection() {
  const { rest } = useActions();
  const { value, failure, again } = useRead("groups", () => allGroups(rest));
  const [text, setText] = useState("");
  const [isMaking, setMaking] = useState(false);
  const shown = value ? match(value.items, text) : [];
  const make = value?.may_make ? (
    <Button kind="primary" small icon={Plus} onClick={() => setMaking(true)}>
      {t("groups.make")}
    </Button>
  ) : null;
  return (
    <section class="admin-section" aria-labelledby="groups-title">
      <div class="admin-head">
        <h2 id="groups-title">{t("groups.title")}</h2>
        {value && value.items.length > 0 ? make : null}
      </div>
      <p class="groups-hint">{t("groups.hint")}</p>
      {failure ? <Failed text={failure} onRetry={again} /> : null}
      {!value && !failure ? <Skeleton rows={4} /> : null}
      {value && value.items.length >= SEARCH_FROM ? (
        <input
          class="input"
          type="search"
          autocomplete="off"
          aria-label={t("groups.search")}
          placeholder={t("groups.search")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      ) : null}
      {value?.items.length === 0 ? (
        <Empty title={t("groups.empty")}>
          <p>{t(value.may_make ? "groups.empty_next" : "groups.empty_ask")}</p>
          {make}
        </Empty>
      ) : null}
      {value && value.items.length > 0 && shown.length === 0 ? (
        <p class="admin-none">{t("groups.none")}</p>
      ) : null}
      {shown.length > 0 ? (
        <ul class="admin-list">
          {shown.map((group) => (
            <li key={group.id}>
              <Row group={group} onChanged={again} />
            </li>
          ))}
        </ul>
      ) : null}
      {isMaking ? (
        <GroupDialog
          group={null}
          onClose={() => setMaking(false)}
          onSaved={({ handle }) => {
            setMaking(false);
            toast(t("groups.made", { handle }));
            again();
          }}
        />
      ) : null}
    </section>
  );
}

function Row({ group, onChanged }: { group: Group; onChanged: () => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="admin-row" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span class="group-sign">
          <AtSign size={18} strokeWidth={2} aria-hidden="true" />
        </span>
        <span class="admin-row-words">
          <span class="admin-row-name">
            <bdi>{group.name}</bdi>
            {group.mine ? <span class="member-you">{t("groups.mine")}</span> : null}
          </span>
          <span class="admin-row-meta">
            @{group.handle} · {t("calls.people", { n: group.members })}
          </span>
        </span>
      </button>
      {isOpen ? <Details group={group} onChanged={onChanged} /> : null}
    </>
  );
}

function Details({ group, onChanged }: { group: Group; onChanged: () => void }) {
  const { rest } = useActions();
  const { value, failure, again, set } = useRead(String(group.id), () => groupOf(rest, group.id));
  const [open, setOpen] = useState<"change" | "delete" | null>(null);
  const saved = (now: GroupWithPeople): void => {
    set(now);
    setOpen(null);
    toast(t("settings.saved"));
    onChanged();
  };
  return (
    <div class="group-details">
      {failure ? <Failure text={failure} /> : null}
      {failure ? (
        <Button small onClick={again}>
          {t("state.retry")}
        </Button>
      ) : null}
      {!value && !failure ? <Skeleton rows={2} /> : null}
      {value ? <People group={value} /> : null}
      {value?.may_change ? (
        <div class="group-buttons">
          <Button small onClick={() => setOpen("change")}>
            {t("groups.change")}
          </Button>
          <Button small kind="quiet" onClick={() => setOpen("delete")}>
            {t("groups.delete")}
          </Button>
        </div>
      ) : null}
      {value && open === "change" ? (
        <GroupDialog group={value} onClose={() => setOpen(null)} onSaved={saved} />
      ) : null}
      {open === "delete" ? (
        <AskDialog
          title={t("groups.delete_title", { handle: group.handle })}
          text={t("groups.delete_text")}
          submit={t("groups.delete")}
          danger
          withReason={false}
          onClose={() => setOpen(null)}
          onSubmit={async () => {
            await deleteGroup(rest, group.id);
            forgetGroups();
            toast(t("groups.deleted", { handle: group.handle }));
            onChanged();
          }}
        />
      ) : null}
    </div>
  );
}

/** Who is in a group, the first of them until all are asked for. */
export function People({ group }: { group: GroupWithPeople }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? group.people : group.people.slice(0, FACES_COUNT);
  const more = group.people.length - shown.length;
  if (group.people.length === 0) return <p class="admin-none">{t("groups.nobody")}</p>;
  return (
    <>
      <ul class="group-people" aria-label={t("groups.people")}>
        {shown.map((person) => (
          <li key={person.id}>
            <Avatar person={person} size={24} status={person.status} />
            <bdi>{person.name}</bdi>
            <span class="mention-handle">@{person.handle}</span>
          </li>
        ))}
      </ul>
      {more > 0 ? (
        <Button small kind="quiet" onClick={() => setWhole(true)}>
          {t("groups.more", { n: more })}
        </Button>
      ) : null}
    </>
  );
}
