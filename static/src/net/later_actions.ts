// What the screen may do about what is put off, and about what I am told by mail; all of it by REST.
import type { Message, Reminder } from "../protocol";
import type { LaterList } from "../store/later";
import type { Api } from "./api";
import type { Later } from "./later";

export interface NewScheduled {
  room: number;
  body: string;
  parent: number | null;
  dueAt: number;
  /** The same for all tries of one order: what is sent twice is done once. */
  client_scheduled_id: string;
}

export interface NewReminder {
  message: number | null;
  text: string;
  label: string;
  dueAt: number;
  client_reminder_id: string;
}

/** Why no mail can reach me, whatever I choose. */
export type NoMail = "bot" | "guest" | "inactive" | "no_address" | "unconfirmed";

export interface NotificationSettings {
  mail: boolean;
  quiet_from: string;
  quiet_to: string;
  digest: "off" | "daily" | "weekly";
  next_digest_at: string | null;
  time_zone: string;
  email: string;
  no_mail: NoMail | null;
  test: { at: string; sent_at: string | null; said: string } | null;
}

export type NotificationUpdate = Partial<
  Pick<NotificationSettings, "mail" | "quiet_from" | "quiet_to" | "digest">
>;

/** A row of the ledger: whether a message was told to me, and by which rule. */
export interface LedgerRow {
  id: number;
  message: number;
  room: number;
  seq: number;
  msg_no: number | null;
  rule: "mention" | "direct" | "thread" | "here" | "room" | "group";
  way: string;
  outcome: "waiting" | "sent" | "suppressed" | "failed";
  why: string | null;
  until: string | null;
  said: string;
  at: string;
  changed_at: string;
}

export interface LedgerPage {
  items: LedgerRow[];
  next: string | null;
}

export interface LaterActions {
  /** Have a message sent at a time; resolves when the server has it. */
  schedule(order: NewScheduled): Promise<void>;
  changeScheduled(id: number, fields: { body?: string; dueAt?: number }): Promise<void>;
  cancelScheduled(id: number): Promise<void>;
  sendScheduled(id: number): Promise<void>;
  remind(order: NewReminder): Promise<void>;
  /** Give a reminder another text or time; another time puts off what is due. */
  changeReminder(id: number, fields: { text?: string; label?: string; dueAt?: number }): Promise<void>;
  finishReminder(id: number): Promise<void>;
  deleteReminder(id: number): Promise<void>;
  /** I have seen that it is due: it stays in the list and rings here no more. */
  hushReminder(id: number): void;
  readLater(list: LaterList): void;
  /** One message that I may read, wherever it is. */
  message(id: number): Promise<Message>;

  notificationSettings(): Promise<NotificationSettings>;
  updateNotifications(fields: NotificationUpdate): Promise<NotificationSettings>;
  /** Have a test mail sent to myself; returns where it goes. */
  testMail(): Promise<string>;
  ledger(cursor: string | null): Promise<LedgerPage>;
}

interface Parts {
  api: Api;
  later: Later;
  dispatch(input: { type: "local.hushed"; reminder: number }): void;
}

const LEDGER_COUNT = 30;

export function createLaterActions({ api, later, dispatch }: Parts): LaterActions {
  const then = async (list: LaterList, done: Promise<unknown>): Promise<void> => {
    try {
      await done;
    } finally {
      // Also after a failure: that it was not found or was too late says that the list here is old.
      await later.read(list);
    }
  };
  return {
    schedule: ({ dueAt, ...order }) =>
      then("scheduled", api.post("scheduled", { ...order, due_at: iso(dueAt), time_zone: zoneHere() })),
    changeScheduled: (id, { dueAt, ...fields }) =>
      then("scheduled", api.patch(`scheduled/${id}`, { ...fields, ...dueFields(dueAt, true) })),
    cancelScheduled: (id) => then("scheduled", api.delete(`scheduled/${id}`)),
    sendScheduled: (id) => then("scheduled", api.post(`scheduled/${id}/send-now`)),
    remind: ({ dueAt, ...order }) =>
      then("reminders", api.post<Reminder>("reminders", { ...order, due_at: iso(dueAt) })),
    changeReminder: (id, { dueAt, ...fields }) =>
      then("reminders", api.patch(`reminders/${id}`, { ...fields, ...dueFields(dueAt, false) })),
    finishReminder: (id) => then("reminders", api.post(`reminders/${id}/done`)),
    deleteReminder: (id) => then("reminders", api.delete(`reminders/${id}`)),
    hushReminder: (reminder) => dispatch({ type: "local.hushed", reminder }),
    readLater: (list) => void later.read(list),
    message: (id) => api.get<Message>(`messages/${id}`),

    notificationSettings: () => api.get<NotificationSettings>("me/notifications"),
    updateNotifications: (fields) => api.patch<NotificationSettings>("me/notifications", fields),
    testMail: async () => (await api.post<{ email: string }>("me/notifications/test")).email,
    ledger: (cursor) =>
      api.get<LedgerPage>("notifications", { limit: LEDGER_COUNT, cursor: cursor ?? undefined }),
  };
}

function dueFields(dueAt: number | undefined, hasZone: boolean): object {
  if (dueAt === undefined) return {};
  return { due_at: iso(dueAt), ...(hasZone ? { time_zone: zoneHere() } : {}) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

/** By which clock a time was chosen; kept for showing only. */
function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}
