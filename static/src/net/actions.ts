// What the screen may do. The screen calls these and reads signals; it never sees the socket.

import type {
  Member,
  Message,
  NotificationLevel,
  RoomPosting,
  RoomRole,
  RoomState,
  Sender,
  User,
} from "../protocol";
import type { Alert } from "../store/alert";
import type { Arrangement } from "../store/sidebar";
import type { Quoted } from "../store/state";
import type { SentFile } from "../store/uploads";
import type { AccountActions } from "./account_actions";
import type { Found, Wanted } from "./found";
import type { KeepingActions } from "./keeping_actions";
import type { LaterActions } from "./later_actions";
import type { MarkActions } from "./mark_actions";
import type { PushState } from "./push";

export type { AccountActions, MeUpdate } from "./account_actions";
export { newClientId } from "./client_id";
export { ActionError } from "./error";
export type { Found, FoundMessage, Piece, Sort, Wanted } from "./found";
export type {
  ErasedMessages,
  Going,
  GoingPage,
  Hold,
  Keep,
  KeepingActions,
  Retention,
  RoomRetention,
} from "./keeping_actions";
export type {
  LaterActions,
  LedgerPage,
  LedgerRow,
  NewReminder,
  NewScheduled,
  NoMail,
  NotificationSettings,
  NotificationUpdate,
} from "./later_actions";
export type { Forward, MarkActions, SavedPage, SavedRow, Version, VersionPage } from "./mark_actions";
export type { PushState } from "./push";

export interface NewRoom {
  name: string;
  kind: "open" | "closed";
  topic?: string;
  members?: number[];
  client_room_id?: string;
}

export interface RoomUpdate {
  name?: string;
  topic?: string;
  kind?: "open" | "closed";
  archived?: boolean;
  previews?: boolean;
  posting?: RoomPosting;
  slow_s?: number;
  seen?: boolean;
}

export interface NewInvite {
  room: number | null;
  role: "member" | "guest";
  days: number;
  max_uses: number;
}

/** An invite link without its secret. */
export interface Invitation {
  id: number;
  created_by: number;
  room: number | null;
  role: "admin" | "member" | "guest";
  created_at: string;
  expires_at: string;
  max_uses: number;
  uses: number;
}

export interface InviteUse {
  user: User;
  at: string;
}

/** A file of data that somebody has asked for; `download` is an address that is good for an hour. */
export interface Export {
  id: number;
  kind: "own" | "workspace";
  directs: boolean;
  reason: string;
  by: Sender;
  state: "waiting" | "running" | "ready" | "failed" | "cancelled" | "gone";
  failure: string | null;
  step: string;
  percent: number;
  rows: number;
  bytes: number;
  created_at: string;
  ended_at: string | null;
  expires_at: string | null;
  downloads: number;
  downloaded_at: string | null;
  download: string | null;
}

export interface ExportOrder {
  kind: "own" | "workspace";
  directs?: boolean;
  reason?: string;
}

export interface Actions extends AccountActions, LaterActions, KeepingActions, MarkActions {
  /** Keep a message in the outbox and send it as soon as possible; returns its client_message_id at once. */
  post(
    room: number,
    body: string,
    parent?: number | null,
    files?: readonly SentFile[],
    quote?: Quoted | null,
  ): string;
  /** Begin to upload a file; returns the key under which the screen finds it among the uploads. */
  upload(file: File): string;
  /** Say in words what is to be seen on a picture that is not in a message yet. */
  describeUpload(key: string, alt: string): void;
  retryUpload(key: string): void;
  cancelUpload(key: string): void;
  /** Do not wait any longer for the next attempt to connect. */
  tryNow(): void;
  /** Send a failed message again. */
  retry(clientMessageId: string): void;
  /** Throw a message that is not stored away. */
  discard(clientMessageId: string): void;
  /** `editedAt` is what the message has here: an edit that comes late does not undo a newer one. */
  edit(message: number, body: string, editedAt: string | null): Promise<void>;
  remove(message: number): Promise<void>;
  react(message: number, emoji: string): Promise<void>;
  unreact(message: number, emoji: string): Promise<void>;
  /** Take what is shown for a link of a message away, for good. */
  removePreview(message: number, url: string): Promise<void>;

  /** Enter a room (null: none); loads its newest page, or the one around `seq`. Resolves when it is there. */
  openRoom(room: number | null, seq?: number): Promise<void>;
  loadBefore(room: number): Promise<void>;
  loadAfter(room: number): Promise<void>;
  jumpToLatest(room: number): Promise<void>;
  /** Say what is in sight of a long room: what lies far from it is let go and read again when it is needed. */
  lookAt(room: number, seq: number): void;
  /** Say how far I have read; highest wins, sent at most once a second. */
  markRead(room: number, msgNo: number): void;
  /** Say that I type (call on each key) or have stopped. */
  typing(room: number, on: boolean): void;

  join(room: number): Promise<void>;
  leave(room: number): Promise<void>;
  createRoom(room: NewRoom): Promise<number>;
  updateRoom(room: number, fields: RoomUpdate): Promise<void>;
  deleteRoom(room: number): Promise<void>;
  /** Choose of what in a room I am told; on all my devices. */
  setLevel(room: number, level: NotificationLevel): Promise<void>;
  openDirect(users: number[]): Promise<number>;
  /** Open rooms and mine; `role` is null where I am not in. */
  browseRooms(query?: string): Promise<RoomState[]>;
  /** Load who is in a room; the result also lands in `Room.members`. */
  members(room: number): Promise<Member[]>;
  addMember(room: number, user: number): Promise<void>;
  removeMember(room: number, user: number): Promise<void>;
  setRole(room: number, user: number, role: RoomRole): Promise<void>;
  /** Arrange my left column: at once here, then on all my devices. */
  arrange(change: Arrangement): Promise<void>;
  people(query: string): Promise<User[]>;
  /** Open a thread: its replies land in `State.thread` and stay fresh there. */
  thread(message: number): Promise<Message[]>;
  closeThread(): void;
  /** Make an invite link; it is told once. */
  invite(order: NewInvite): Promise<string>;
  /** Links that can still be used: mine, or for who runs the workspace those of everybody. */
  invites(scope: "mine" | "all"): Promise<Invitation[]>;
  revokeInvite(id: number): Promise<void>;
  /** Who came by a link. */
  inviteUses(id: number): Promise<InviteUse[]>;
  /** Be told of what is said to me while the page is open; in one tab of a browser. */
  onAlerts(listener: (alerts: readonly Alert[]) => void): void;
  /** How it stands with notifications on this device. */
  pushState(): Promise<PushState>;
  /** Have this device told while the page is closed, or no more; on must come from a press. */
  switchPush(on: boolean): Promise<PushState>;
  /** Have a notification sent to this device. */
  testPush(): Promise<void>;
  /** My exports, the newest first. */
  exports(): Promise<Export[]>;
  /** Who has taken the workspace; for who runs it. */
  exportsOfWorkspace(): Promise<Export[]>;
  askForExport(order: ExportOrder): Promise<Export>;
  /** Cancel it, or delete its file. */
  removeExport(id: number): Promise<void>;
  /** Look for messages; the cursor of a page leads to the one after it. */
  search(wanted: Wanted, cursor: string | null): Promise<Found>;
  /** End the session and go to the sign-in page. */
  signOut(): Promise<void>;
}
