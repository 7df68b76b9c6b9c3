// What the admin area asks of REST, and the shapes that come back.
import type { BrowserSession, Rest } from "../../net/actions";
import type { Message, Sender, User } from "../../protocol";

export type Role = "owner" | "admin" | "member" | "guest";
export type PeopleState = "active" | "off" | "bots" | "all";

export interface Person extends User {
  email: string;
  role: Role;
  is_active: boolean;
  is_erased: boolean;
  created_at: string;
  last_login_at: string | null;
}

export interface AccessToken {
  id: number;
  label: string;
  created_at: string;
  last_used_at: string | null;
}

export interface PersonDetails extends Person {
  rooms: number;
  owned: number;
  tokens: AccessToken[];
}

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface PersonUpdate {
  name?: string;
  role?: Role;
  is_active?: boolean;
  reason?: string;
}

export interface Somewhere {
  id: number;
  name: string;
  kind: "open" | "closed" | "direct";
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: Sender | null;
  deed: string;
  subject: Sender | null;
  room: Somewhere | null;
  message: number | null;
  reason: string;
  origin: string;
  facts: Record<string, unknown>;
}

export interface AuditQuery {
  person?: number | undefined;
  deed?: string | undefined;
  room?: number | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

export interface WorkspaceSettings {
  name: string;
  signup: "" | "closed" | "invite" | "domain" | "open";
  signup_default: "closed" | "invite" | "open";
  signup_domains: string[];
  confirms_addresses: boolean;
  room_makers: "members" | "admins";
  inviters: "members" | "admins";
  group_makers: "members" | "admins";
  emoji_makers: "members" | "admins";
  logo: string | null;
  language: string;
  language_default: string;
  audit_days: number | null;
}

export interface Health {
  version: string;
  parts: Record<string, string>;
  degraded: string[];
  connections: number;
  people: { active: number; off: number; bots: number };
  rooms: number;
  messages: number;
  storage: {
    files: number;
    files_bytes: number;
    files_max_bytes: number;
    exports_bytes: number;
    database_bytes: number;
    disk_free_bytes: number | null;
  };
  has_workers: boolean;
  is_known: boolean;
  beats: number | null;
  queues: { name: string; due: number; since: string | null; parked: number; workers: number | null }[];
  later: { name: string; due: number; since: string | null }[];
  tasks: {
    name: string;
    done: number;
    retried: number;
    parked: number;
    failed: number;
    mean_s: number | null;
    most_s: number | null;
  }[];
}

export interface FailedWork {
  id: number;
  task: string;
  queue: string;
  attempts: number;
  created_at: string;
  parked_at: string;
  error: string;
}

export type Resolution = "dismissed" | "deleted" | "muted" | "removed" | "banned" | "settled";

export interface Report {
  id: number;
  kind: "spam" | "abuse" | "private" | "other";
  text: string;
  by: Sender;
  at: string;
  resolution: Resolution | null;
  resolved_at: string | null;
  resolved_by: Sender | null;
}

export interface Nearby {
  id: number;
  sender: Sender;
  body: string;
  at: string;
  is_before: boolean;
}

export interface ReportedMessage {
  message: Message;
  said: string;
  room: Somewhere;
  may_read: boolean;
  context: Nearby[];
  count: number;
  reports: Report[];
}

export interface Resolve {
  resolution: Resolution;
  reason?: string;
  minutes?: number;
  delete?: boolean;
}

/** With what somebody is signed in. */
export interface PersonSignIns {
  sessions: BrowserSession[];
  has_password: boolean;
  app: boolean;
  recovery_codes: number;
  passkeys: number;
  required: boolean;
}

export interface Sanction {
  id: number;
  kind: "ban" | "mute";
  user: User;
  room: Somewhere;
  since: string | null;
  until: string | null;
}

/** Where the record can be fetched as a file. */
export function auditFile(api: string, kind: "csv" | "jsonl", query: AuditQuery): string {
  const given = Object.entries({ kind, ...query }).filter(([, value]) => value !== undefined);
  return `${api}admin/audit/file?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

export const people = (
  rest: Rest,
  query: { q?: string; role?: string | undefined; state: PeopleState; cursor?: string | undefined },
) => rest.get<Page<Person> & { total: number }>("admin/people", { ...query, limit: 50 });

export const person = (rest: Rest, id: number) => rest.get<PersonDetails>(`admin/people/${id}`);

export const updatePerson = (rest: Rest, id: number, fields: PersonUpdate) =>
  rest.patch<PersonDetails>(`admin/people/${id}`, fields);

export const signOutPerson = (rest: Rest, id: number, reason: string) =>
  rest.post<PersonDetails>(`admin/people/${id}/sign-out`, { tokens: true, reason });

export const passwordOf = (rest: Rest, id: number) =>
  rest.post<{ email: string | null; url: string | null }>(`admin/people/${id}/password`);

export const revokeToken = (rest: Rest, id: number, token: number) =>
  rest.delete<void>(`admin/people/${id}/tokens/${token}`);

export const workspaceSettings = (rest: Rest) => rest.get<WorkspaceSettings>("admin/workspace");

export const updateWorkspace = (rest: Rest, fields: Partial<WorkspaceSettings>) =>
  rest.patch<WorkspaceSettings>("admin/workspace", fields);

export const setLogo = (rest: Rest, picture: Blob) =>
  rest.putFile<WorkspaceSettings>("admin/workspace/logo", picture);

export const dropLogo = (rest: Rest) => rest.delete<WorkspaceSettings>("admin/workspace/logo");

export const signInsOf = (rest: Rest, id: number) => rest.get<PersonSignIns>(`admin/people/${id}/sign-ins`);

export const endSessionOf = (rest: Rest, id: number, session: number, reason: string) =>
  rest.delete<void>(`admin/people/${id}/sessions/${session}${reasoned(reason)}`);

export const resetFactorsOf = (rest: Rest, id: number, reason: string) =>
  rest.delete<void>(`users/${id}/factors${reasoned(reason)}`);

export const sanctions = (
  rest: Rest,
  query: { kind: "all" | "ban" | "mute"; q?: string; cursor?: string | undefined },
) => rest.get<Page<Sanction> & { total: number }>("admin/sanctions", { ...query, limit: 50 });

export const lift = (rest: Rest, { kind, room, user }: Sanction) =>
  rest.delete<unknown>(
    kind === "ban" ? `rooms/${room.id}/bans/${user.id}` : `rooms/${room.id}/members/${user.id}/mute`,
  );

const reasoned = (reason: string): string => (reason ? `?${new URLSearchParams({ reason })}` : "");

export const auditPage = (rest: Rest, query: AuditQuery, cursor?: string) =>
  rest.get<Page<AuditEntry>>("admin/audit", { ...query, cursor, limit: 50 });

export const health = (rest: Rest) => rest.get<Health>("admin/health");

export const failedWork = (rest: Rest, cursor?: string) =>
  rest.get<Page<FailedWork>>("admin/work", { cursor, limit: 20 });

export const retryWork = (rest: Rest, id: number) => rest.post<{ count: number }>(`admin/work/${id}/retry`);

export const retryAll = (rest: Rest) => rest.post<{ count: number }>("admin/work/retry");

export const reports = (rest: Rest, state: "open" | "resolved", cursor?: string) =>
  rest.get<Page<ReportedMessage> & { open: number }>("reports", { state, cursor });

export const resolveReports = (rest: Rest, message: number, asked: Resolve) =>
  rest.post<{ reports: number }>(`messages/${message}/resolve`, asked);
