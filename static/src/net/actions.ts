// What the screen may do. The screen calls these and reads signals; it never sees the socket.

import type {
  Member,
  Message,
  NotificationLevel,
  RoomCallers,
  RoomPosting,
  RoomRole,
  RoomState,
  Sender,
  User,
} from "../protocol";
import type { Alert } from "../store/alert";

import type { Arrangement } from "../store/sidebar";
import type { NewPoll, Quoted } from "../store/state";
import type { SentFile } from "../store/uploads";
import type { AccountActions } from "./account_actions";
import type { Api } from "./api";
import type { Found, Wanted } from "./found";
import type { KeepingActions } from "./keeping_actions";
import type { LaterActions } from "./later_actions";
import type { MarkActions } from "./mark_actions";
import type { PushState } from "./push";
import type { ThreadsPlace } from "./thread_pages";
import type { UnreadActions } from "./unread_actions";

export type { NewPoll } from "../store/state";
export type {
  AccessToken,
  AccountActions,
  BrowserSession,
  MeUpdate,
  Passkey,
  SecondFactors,
} from "./account_actions";
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
export type { ThreadsPlace } from "./thread_pages";
export type { MentionsPage, UnreadActions, UnreadMention, UnreadRoom } from "./unread_actions";
export { UNREAD_ROOMS_MAX_COUNT } from "./unread_actions";

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
  calls?: RoomCallers;
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

export type MemberKind = RoomRole | "bot";
export type MemberSort = "joined" | "name" | "online";

/** Which people of a room are asked for, and in what order; empty: whatever there is. */
export interface MembersWanted {
  q: string;
  role: MemberKind | "";
  sort: MemberSort;
}

export type RoomSort = "name" | "members" | "new" | "active";

/** Which rooms are asked for, and in what order. */
export interface RoomsWanted {
  q: string;
  sort: RoomSort;
  joined?: boolean | undefined;
  archived?: boolean | undefined;
}

export interface ListPage<T> {
  items: T[];
  next: string | null;
}

/** A page of who has read a message. */
export interface SeenPage {
  items: User[];
  next: string | null;
  count: number;
  of: number;
}

/** What is asked of REST by parts of the screen that come later than the first view. */
export type Rest = Pick<Api, "get" | "post" | "put" | "putFile" | "patch" | "delete">;

/** What is done to somebody in a room, with the reason that is told there. */
export interface Sanction {
  reason?: string;
  /** For how long; without it there is no end. */
  minutes?: number;
}

export type ReportKind = "spam" | "abuse" | "private" | "other";

export interface Actions extends AccountActions, LaterActions, KeepingActions, MarkActions, UnreadActions {
  /** Keep a message in the outbox and send it as soon as possible; returns its client_message_id at once. */
  post(
    room: number,
    body: string,
    parent?: number | null,
    files?: readonly SentFile[],
    quote?: Quoted | null,
    more?: { alsoInRoom?: boolean; poll?: NewPoll },
  ): string;
  /** Begin to upload a file; returns the key under which the screen finds it. `place` is the text it stands beside. */
  upload(file: File, place: string): string;
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
  remove(message: number, reason?: string): Promise<void>;
  /** Tell those in charge about a message. */
  report(message: number, kind: ReportKind, text: string): Promise<void>;
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
  /** A page of the open rooms and of mine, none direct; `role` is null where I am not in. */
  browseRooms(wanted: RoomsWanted, cursor: string | null, limit: number): Promise<ListPage<RoomState>>;
  readRoom(room: number): Promise<RoomState>;
  /** The newest messages of a room that I am not in, ascending. */
  peek(room: number): Promise<Message[]>;
  /** Load who is in a room; the result also lands in `Room.members`. */
  members(room: number): Promise<Member[]>;
  /** A page of who is in a room, and the cursor of the next one. */
  memberPage(
    room: number,
    wanted: MembersWanted,
    cursor: string | null,
    limit: number,
  ): Promise<ListPage<Member>>;
  /** Read how far the others of a small room have read; it lands in `State.seen` and stays fresh there. */
  readSeen(room: number): Promise<void>;
  /** Who has read a message, and how many of how many; the cursor of a page leads to the one after it. */
  seenBy(message: number, cursor: string | null): Promise<SeenPage>;
  addMember(room: number, user: number): Promise<void>;
  removeMember(room: number, user: number, sanction?: Sanction): Promise<void>;
  muteMember(room: number, user: number, sanction: Sanction): Promise<void>;
  unmuteMember(room: number, user: number): Promise<void>;
  banMember(room: number, user: number, sanction: Sanction): Promise<void>;
  setRole(room: number, user: number, role: RoomRole): Promise<void>;
  /** Arrange my left column: at once here, then on all my devices. */
  arrange(change: Arrangement): Promise<void>;
  people(query: string): Promise<User[]>;
  /** Open a thread: its replies land in `State.thread` and stay fresh there. */
  thread(message: number): Promise<Message[]>;
  closeThread(): void;
  /** Choose in a poll, by place; again takes the place of what was chosen, none takes it back. */
  vote(message: number, choices: readonly number[]): Promise<void>;
  closePoll(message: number): Promise<void>;
  /** Read what I have chosen in a poll; it lands in `State.votes`. */
  readVote(message: number): Promise<void>;
  /** The text that is not sent yet, of a room ("12") or a thread ("12.77"); empty: it was sent or thrown away. */
  keepDraft(place: string, text: string): void;
  /** Hear of new replies to a message, or no more. */
  followThread(message: number, on: boolean): Promise<void>;
  /** Say how far I have read a thread that I follow, by the seq of a reply. */
  readThread(message: number, seq: number): void;
  /** Load the page of threads anew, or the next part of it; returns where it goes on, null at the end. */
  showThreads(after?: ThreadsPlace): Promise<ThreadsPlace | null>;
  hideThreads(): void;
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
  readonly rest: Rest;
  /** End the session and go to the sign-in page. */
  signOut(): Promise<void>;
}
