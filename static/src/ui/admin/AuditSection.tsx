// The record of deeds: who, what, to whom, where, why, from where; narrowed, and taken away as a file.
import { Download, X } from "lucide-preact";
import { useState } from "preact/hooks";
import { fullOf, shortOf } from "../../text/dates";
import { isKey, t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { usePages } from "../common/usePages";
import { go, roomPath } from "../route";
import type { AuditEntry, AuditQuery } from "./calls";
import * as calls from "./calls";
import { DEEDS, factsOf } from "./deeds";
import { FoundPages } from "./FoundPages";

export function AuditSection() {
  const { rest } = useActions();
  const { api } = useConfig();
  const [person, setPerson] = useState<number | undefined>(personOf);
  const [room, setRoom] = useState<AuditEntry["room"]>(null);
  const [deed, setDeed] = useState("");
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const query: AuditQuery = {
    person,
    room: room?.id,
    deed: deed || undefined,
    since: from ? startOf(from) : undefined,
    until: to ? startOf(to, 1) : undefined,
  };

  const pages = usePages(
    JSON.stringify(query),
    (cursor) => calls.auditPage(rest, query, cursor ?? undefined),
    (entry) => entry.id,
  );
  const known = pages.items?.flatMap(({ actor, subject }) => [actor, subject]) ?? [];
  const name = known.find((one) => one?.id === person)?.name;

  return (
    <section class="admin-section admin-section-broad" aria-labelledby="admin-audit">
      <div class="admin-head">
        <h2 id="admin-audit">{t("admin.audit")}</h2>
        <div class="settings-buttons">
          {(["csv", "jsonl"] as const).map((kind) => (
            <a
              key={kind}
              class="button button-secondary button-small"
              href={calls.auditFile(api, kind, query)}
              download
            >
              <Download size={16} strokeWidth={1.75} aria-hidden="true" />
              <span class="button-words">{t(`audit.${kind}`)}</span>
            </a>
          ))}
        </div>
      </div>
      <div class="admin-filters">
        <select
          class="input admin-select admin-select-broad"
          aria-label={t("audit.deed")}
          value={deed}
          onChange={(event) => setDeed(event.currentTarget.value)}
        >
          <option value="">{t("audit.any_deed")}</option>
          {DEEDS.map((one) => (
            <option key={one} value={one}>
              {deedText(one)}
            </option>
          ))}
        </select>
        <label class="admin-date">
          <span>{t("audit.from")}</span>
          <input
            class="input"
            type="date"
            value={from}
            onInput={(event) => setFrom(event.currentTarget.value)}
          />
        </label>
        <label class="admin-date">
          <span>{t("audit.to")}</span>
          <input class="input" type="date" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        {person === undefined ? null : (
          <Chosen
            text={t("audit.person", { name: name ?? `#${person}` })}
            onClear={() => {
              setPerson(undefined);
              go("/admin/audit/", true);
            }}
          />
        )}
        {room ? (
          <Chosen text={t("audit.room", { name: roomText(room) })} onClear={() => setRoom(null)} />
        ) : null}
      </div>
      <FoundPages pages={pages} rows={8} none={t("audit.none")}>
        {(entries) => (
          <ol class="audit-list">
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} onPerson={setPerson} onRoom={setRoom} />
            ))}
          </ol>
        )}
      </FoundPages>
    </section>
  );
}

interface EntryProps {
  entry: AuditEntry;
  onPerson: (id: number) => void;
  onRoom: (room: AuditEntry["room"]) => void;
}

function Entry({ entry, onPerson, onRoom }: EntryProps) {
  const { actor, subject, room, reason, origin } = entry;
  const facts = factsOf(entry);
  return (
    <li class="audit-entry">
      <time class="audit-time" dateTime={entry.at} title={fullOf(entry.at)}>
        {shortOf(entry.at)}
      </time>
      <div class="audit-words">
        <p>
          <strong>{deedText(entry.deed)}</strong>
          {subject && subject.id !== actor?.id ? (
            <>
              {" · "}
              <Name person={subject} onChoose={onPerson} />
            </>
          ) : null}
          {room ? (
            <>
              {" · "}
              <button
                type="button"
                class="admin-word"
                title={t("audit.narrow_room")}
                onClick={() => onRoom(room)}
              >
                {roomText(room)}
              </button>
            </>
          ) : null}
        </p>
        {facts ? <p class="audit-facts">{facts}</p> : null}
        {reason ? (
          <p class="audit-reason">
            <bdi>“{reason}”</bdi>
          </p>
        ) : null}
        <p class="audit-by">
          {actor ? <Name person={actor} onChoose={onPerson} /> : t("audit.by_server")}
          {origin ? <span> · {origin}</span> : null}
          {room && entry.message !== null && room.kind !== "direct" ? (
            <>
              {" · "}
              <a href={roomPath(room.id)}>{t("audit.to_room")}</a>
            </>
          ) : null}
        </p>
      </div>
    </li>
  );
}

interface NameProps {
  person: { id: number; name: string };
  onChoose: (id: number) => void;
}

function Name({ person, onChoose }: NameProps) {
  return (
    <button
      type="button"
      class="admin-word"
      title={t("audit.narrow_person")}
      onClick={() => onChoose(person.id)}
    >
      <bdi>{person.name}</bdi>
    </button>
  );
}

function Chosen({ text, onClear }: { text: string; onClear: () => void }) {
  return (
    <button type="button" class="admin-chosen" title={t("audit.clear")} onClick={onClear}>
      <bdi>{text}</bdi>
      <X size={14} strokeWidth={2} aria-hidden="true" />
      <span class="unseen">{t("audit.clear")}</span>
    </button>
  );
}

function deedText(deed: string): string {
  const key = `deed.${deed}`;
  return isKey(key) ? t(key) : deed;
}

function roomText(room: NonNullable<AuditEntry["room"]>): string {
  return room.kind === "direct" ? t("audit.conversation") : room.name;
}

/** Midnight of a day by the clock of this device, some days later. */
function startOf(day: string, laterDays = 0): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + laterDays);
  return at.toISOString();
}

function personOf(): number | undefined {
  const text = new URLSearchParams(location.search).get("person") ?? "";
  return /^[1-9]\d{0,15}$/.test(text) ? Number(text) : undefined;
}
