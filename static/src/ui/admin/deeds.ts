// The deeds of the record, and what else an entry says in words.
import { fullOf } from "../../text/dates";
import { isKey, t } from "../../text/t";
import type { AuditEntry } from "./calls";

export const DEEDS = [
  "message.removed",
  "member.muted",
  "member.unmuted",
  "member.removed",
  "member.banned",
  "member.unbanned",
  "member.role",
  "report.resolved",
  "preview.removed",
  "room.changed",
  "room.deleted",
  "person.role",
  "person.changed",
  "person.off",
  "person.on",
  "person.signed_out",
  "person.password",
  "person.factors",
  "session.ended",
  "person.erased",
  "token.made",
  "token.revoked",
  "invite.made",
  "invite.revoked",
  "group.made",
  "group.changed",
  "group.deleted",
  "workspace.changed",
  "emoji.made",
  "emoji.removed",
  "retention.set",
  "hold.set",
  "hold.ended",
  "export.asked",
  "export.fetched",
  "export.ended",
  "audit.taken",
  "work.retried",
] as const;

/** What belongs to this deed alone, as one line; empty where nothing does. */
export function factsOf({ deed, facts }: AuditEntry): string {
  const { until, role, was, label, resolution, days, fields, name, handle } = facts;
  const said: string[] = [];
  if (deed === "member.role" && typeof role === "string") said.push(word("role", role));
  if (deed === "person.role") said.push(`${roleWord(was)} → ${roleWord(role)}`);
  if (typeof until === "string")
    said.push(until.startsWith("9999") ? t("audit.for_good") : t("audit.until", { date: fullOf(until) }));
  if (deed === "member.banned" && until === null) said.push(t("audit.for_good"));
  if (typeof label === "string") said.push(label);
  if (deed.startsWith("group.") && typeof handle === "string") said.push(`@${handle}`);
  if (typeof name === "string") said.push(deed.startsWith("emoji.") ? `:${name}:` : name);
  if (typeof facts.alias_of === "string") said.push(t("own_emoji.alias_for", { name: facts.alias_of }));
  if (typeof resolution === "string") said.push(word("resolution", resolution));
  if (deed === "retention.set")
    said.push(
      typeof days === "number" ? t("workspace.audit_days", { n: days }) : t("workspace.audit_forever"),
    );
  if (Array.isArray(fields)) said.push(fields.map(String).join(", "));
  else if (fields && typeof fields === "object")
    said.push(
      Object.entries(fields)
        .map(([field, value]) => `${field}: ${value === null ? "–" : String(value)}`)
        .join(" · "),
    );
  return said.join(" · ");
}

function roleWord(role: unknown): string {
  return typeof role === "string" ? word("people_admin.role", role, "_") : "";
}

function word(group: string, name: string, joint: "." | "_" = "."): string {
  const key = `${group}${joint}${name}`;
  return isKey(key) ? t(key) : name;
}
