// Everybody with an account, found among thousands; a press on one leads to all that can be done.
import { Search } from "lucide-preact";
import { useState } from "preact/hooks";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { usePages } from "../common/usePages";
import { useSettled } from "../common/useSettled";
import { follow } from "../route";
import { me } from "../selectors";
import type { PeopleState, Person } from "./calls";
import * as calls from "./calls";
import { FoundPages } from "./FoundPages";

const STATES = ["active", "off", "bots", "all"] as const;
const ROLES = ["owner", "admin", "member", "guest"] as const;

export function PeopleSection() {
  const { rest } = useActions();
  const [text, setText] = useState("");
  const [state, setState] = useState<PeopleState>("active");
  const [role, setRole] = useState("");
  const asked = useSettled(text.trim());
  const pages = usePages(
    JSON.stringify([asked, state, role]),
    (cursor) => calls.people(rest, { q: asked, role: role || undefined, state, cursor: cursor ?? undefined }),
    (person) => person.id,
  );

  return (
    <section class="admin-section" aria-labelledby="admin-people">
      <div class="admin-head">
        <h2 id="admin-people">{t("admin.people")}</h2>
        {pages.total === null ? null : (
          <span class="admin-count">{t("people_admin.total", { n: pages.total })}</span>
        )}
      </div>
      <div class="admin-filters">
        <label class="search-field admin-search">
          <span class="unseen">{t("people_admin.search")}</span>
          <Search size={16} strokeWidth={2} aria-hidden="true" />
          <input
            class="input"
            type="search"
            autocomplete="off"
            placeholder={t("people_admin.search")}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <select
          class="input admin-select"
          aria-label={t("people_admin.state")}
          value={state}
          onChange={(event) => setState(event.currentTarget.value as PeopleState)}
        >
          {STATES.map((one) => (
            <option key={one} value={one}>
              {t(`people_admin.state_${one}`)}
            </option>
          ))}
        </select>
        <select
          class="input admin-select"
          aria-label={t("people_admin.role")}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value)}
        >
          <option value="">{t("people_admin.any_role")}</option>
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {t(`people_admin.role_${one}`)}
            </option>
          ))}
        </select>
      </div>
      <FoundPages pages={pages} rows={6} none={t("people_admin.none")}>
        {(people) => (
          <ul class="admin-list">
            {people.map((person) => (
              <li key={person.id}>
                <Row person={person} />
              </li>
            ))}
          </ul>
        )}
      </FoundPages>
    </section>
  );
}

function Row({ person }: { person: Person }) {
  return (
    <a class="admin-row" href={`/admin/people/${person.id}/`} onClick={follow}>
      <Avatar person={person} size={36} status={person.is_active ? person.status : null} />
      <span class="admin-row-words">
        <span class="admin-row-name">
          <bdi>{person.name}</bdi>
          {person.id === me.value.id ? <span class="member-you">{t("people.me_mark")}</span> : null}
          {person.is_bot ? <span class="bot-mark">{t("people.bot")}</span> : null}
        </span>
        <span class="admin-row-meta">
          @{person.handle}
          {person.email ? ` · ${person.email}` : ""}
        </span>
      </span>
      {person.is_active ? null : <span class="role-mark admin-off">{t("people_admin.is_off")}</span>}
      {person.role === "member" ? null : (
        <span class="role-mark">{t(`people_admin.role_${person.role}`)}</span>
      )}
    </a>
  );
}
