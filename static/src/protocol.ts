// The wire of /ws/v1/ as types. Generated from chat/protocol by `manage.py protocol_types`; do not edit.

export type PresenceStatus = "online" | "away" | "offline" | "unknown";

export type RoomKind = "open" | "closed" | "direct";

export type RoomRole = "owner" | "moderator" | "member" | "guest";

export type NotificationLevel = "all" | "mentions" | "none";

export type RoomPosting = "everyone" | "threads" | "moderators";

export type RoomCallers = "auto" | "everyone" | "moderators" | "nobody";

/** What somebody says they are doing; gone by itself at `until`, null: until it is taken back. */
export interface Doing {
  emoji: string;
  text: string;
  until: string | null;
}

/** A person or a bot, as others see it; `avatar` is an address of this server, with `?size=large` 512 pixels. */
export interface User {
  id: number;
  handle: string;
  name: string;
  avatar: string | null;
  is_bot: boolean;
  status: PresenceStatus;
  doing: Doing | null;
}

/** What somebody tells of themselves; an empty time zone is not told. */
export interface Profile {
  id: number;
  handle: string;
  name: string;
  avatar: string | null;
  is_bot: boolean;
  status: PresenceStatus;
  doing: Doing | null;
  title: string;
  pronouns: string;
  time_zone: string;
}

/** The signed-in user; who hides what they have read is not shown what others have. */
export interface Me {
  id: number;
  handle: string;
  name: string;
  avatar: string | null;
  is_bot: boolean;
  status: PresenceStatus;
  doing: Doing | null;
  role: "owner" | "admin" | "member" | "guest";
  email: string;
  language: string;
  time_zone: string;
  hides_reading: boolean;
}

/** Who wrote a message, by the name of now. */
export interface Sender {
  id: number;
  handle: string;
  name: string;
  avatar: string | null;
  is_bot: boolean;
}

/** One emoji under a message and who chose it, in the order of choosing. */
export interface Reaction {
  emoji: string;
  users: number[];
}

/** An emoji of the workspace's own: `:name:` in texts and reactions; by its aliases in texts too. */
export interface CustomEmoji {
  name: string;
  aliases: string[];
  url: string;
  width: number;
  height: number;
  animated: boolean;
  by: number | null;
  at: string;
}

/** A file of a message; `url` and `thumbnail` are addresses of this server, for who may read the message alone. */
export interface Attachment {
  id: number;
  name: string;
  type: string;
  bytes: number;
  url: string;
  state: "waiting" | "ready" | "failed";
  alt: string;
  width: number | null;
  height: number | null;
  thumbnail: string | null;
}

/** What stands behind a link, as plain text; `image` is an address of this server, for members alone. */
export interface Preview {
  url: string;
  title: string;
  description: string;
  site: string;
  image: string | null;
  image_width: number | null;
  image_height: number | null;
}

/** Who answered to a message, the latest three by id, the last one first, and when the last answer came. */
export interface ThreadSummary {
  people: number[];
  last_at: string;
}

/** What can be chosen, how many have, and who: the first 50, nobody where the poll is anonymous. */
export interface PollOption {
  text: string;
  votes: number;
  users: number[];
}

/** What can be chosen below a message, and what was. It takes votes until `closes_at`, and none once it is closed. */
export interface Poll {
  options: PollOption[];
  multiple: boolean;
  anonymous: boolean;
  voters: number;
  closes_at: string | null;
  closed_at: string | null;
}

/** What a message quotes: the text of that moment, its author, time and files, for whoever reads the message. */
export interface Quote {
  message: number | null;
  room: number | null;
  seq: number | null;
  parent: number | null;
  sender: Sender | null;
  body: string;
  html: string | null;
  at: string | null;
  attachments: Attachment[];
  gone: boolean;
}

/** Who has pinned a message, null where that account is gone, and when. */
export interface Pinned {
  by: number | null;
  at: string;
}

/** Who has deleted the message of somebody else, and why; `by` is null for an account that is gone. */
export interface Removal {
  by: number | null;
  reason: string;
}

/** Many who are called at once: `here` and `group` by their ids, `room` is everybody in it but the `mentions`. */
export interface Call {
  kind: "here" | "room" | "group";
  group: number | null;
  users: number[];
}

/** A message as it is now; a deleted one keeps its place with an empty body. */
export interface Message {
  id: number;
  room: number;
  seq: number;
  msg_no: number | null;
  sender: Sender;
  body: string;
  html: string | null;
  parent: number | null;
  attachments: Attachment[];
  previews: Preview[];
  reactions: Reaction[];
  mentions: number[];
  at: string;
  edited_at: string | null;
  deleted_at: string | null;
  client_message_id: string | null;
  reply_count: number;
  thread?: ThreadSummary;
  poll?: Poll;
  calls?: Call[];
  quote?: Quote;
  pinned?: Pinned;
  removal?: Removal;
}

/** A thread that I follow, by its first message. `unread` counts the replies of others after `read_seq`. */
export interface ThreadState {
  message: number;
  room: number;
  read_seq: number;
  unread: number;
  counted_seq: number;
  last_at: string;
}

/** A thread that I follow with its first message and its last replies, ascending. */
export interface Thread {
  message: number;
  room: number;
  read_seq: number;
  unread: number;
  counted_seq: number;
  last_at: string;
  first: Message;
  replies: Message[];
}

/** A room as one user sees it; `peers` are the other users of a direct room, `role` is null for an outsider. */
export interface RoomState {
  id: number;
  slug: string | null;
  name: string;
  topic: string;
  kind: RoomKind;
  epoch: string;
  last_seq: number;
  last_msg_no: number;
  read_msg_no: number;
  read_backs: number;
  unread: number;
  mentions: number;
  role: RoomRole | null;
  level: NotificationLevel;
  members: number;
  peers: number[];
  archived: boolean;
  last_at: string | null;
  muted_until: string | null;
  previews: boolean;
  posting: RoomPosting;
  slow_s: number;
  slow_until: string | null;
  calls: RoomCallers;
  seen: boolean;
  named: boolean;
}

/** A user in a room; who is muted only reads until then. */
export interface Member {
  user: User;
  role: RoomRole;
  joined_at: string;
  muted_until: string | null;
}

/** How far somebody has read a room, by the `msg_no` of a message of the main timeline. */
export interface Reader {
  user: number;
  msg_no: number;
}

/** Somebody who is kept out of a room; `banned_until` is null where no end was set. */
export interface Ban {
  user: User;
  banned_at: string;
  banned_until: string | null;
}

/** What `room.changed` says of a room. */
export interface RoomFields {
  name: string;
  topic: string;
  slug: string | null;
  kind: RoomKind;
  archived: boolean;
  deleted: boolean;
  previews: boolean;
  posting: RoomPosting;
  slow_s: number;
  calls: RoomCallers;
  seen: boolean;
}

/** What I have begun to write in a room, or in a thread by its first message; empty: it was sent or thrown away. */
export interface Draft {
  room: number;
  parent: number | null;
  body: string;
  written_at: string;
}

/** A part of the left column with a name of one's own; its rooms stand as they were put. */
export interface SidebarSection {
  id: string;
  name: string;
  rooms: number[];
}

/** How one has arranged the left column; rooms that are in no list stand where they do by themselves. */
export interface Sidebar {
  version: number;
  favourites: number[];
  sections: SidebarSection[];
  folded: string[];
  sort: "name" | "activity" | "unread";
  only_unread: boolean;
}

/** What one wants to be told of; `room` is that of `message`. It is `due` from its time until it is done. */
export interface Reminder {
  id: number;
  message: number | null;
  room: number | null;
  text: string;
  label: string;
  due_at: string;
  state: "waiting" | "due" | "done";
  created_at: string;
  client_reminder_id: string;
}

/** A message is new, has another text, or is deleted; it comes as it is now. */
export interface MessageChange {
  room: number;
  seq: number;
  at: string;
  type: "message.posted" | "message.edited" | "message.deleted";
  message: Message;
}

/** These messages, by id, are past the time for which the room keeps them: they are as if they had never been. */
export interface ExpiryChange {
  room: number;
  seq: number;
  at: string;
  type: "message.expired";
  messages: number[];
}

/** Somebody reacted or took it back; the message comes as it is now. */
export interface ReactionChange {
  room: number;
  seq: number;
  at: string;
  type: "reaction.added" | "reaction.removed";
  message: Message;
  user: number;
  emoji: string;
}

/** What stands behind links of a message was found, or somebody took a preview away; `by` is null for the server. */
export interface PreviewChange {
  room: number;
  seq: number;
  at: string;
  type: "preview.attached" | "preview.removed";
  message: Message;
  by: number | null;
}

/** Somebody has voted, or the poll has ended; `by` is null for the server, and for a voter whom nobody is to know. */
export interface PollChange {
  room: number;
  seq: number;
  at: string;
  type: "poll.voted" | "poll.closed";
  message: Message;
  by: number | null;
}

/** Somebody pinned a message, or took the pin off; the message comes as it is now. */
export interface PinChange {
  room: number;
  seq: number;
  at: string;
  type: "message.pinned" | "message.unpinned";
  message: Message;
  by: number | null;
}

/** What a message has quoted is gone, and its text with it; the message comes as it is now. */
export interface QuoteChange {
  room: number;
  seq: number;
  at: string;
  type: "quote.withdrawn";
  message: Message;
}

/** A picture of a message was made anew and can be shown, or could not be and stays a file; its `state` tells. */
export interface AttachmentChange {
  room: number;
  seq: number;
  at: string;
  type: "attachment.ready";
  message: Message;
  attachment: number;
}

/** Somebody came, went (`by` somebody else: was removed), has another role, is muted or may write again. */
export interface MemberChange {
  room: number;
  seq: number;
  at: string;
  type: "member.joined" | "member.left" | "member.changed";
  user: User;
  role: RoomRole;
  by: number | null;
  members: number;
  muted_until: string | null;
  is_banned: boolean;
  banned_until: string | null;
  reason: string | null;
}

/** Somebody who was not in is kept out from here on (`banned_until` null: without an end), or may come back. */
export interface BanChange {
  room: number;
  seq: number;
  at: string;
  type: "member.banned" | "member.unbanned";
  user: User;
  by: number | null;
  banned_until: string | null;
  reason: string | null;
}

/** The room has another name, topic or kind, other rules of who writes how often, or is archived or deleted. */
export interface RoomChange {
  room: number;
  seq: number;
  at: string;
  type: "room.changed";
  fields: RoomFields;
  by: number | null;
}

export type Change = MessageChange | ExpiryChange | ReactionChange | PreviewChange | PinChange | QuoteChange | AttachmentChange | PollChange | MemberChange | BanChange | RoomChange;

/** The first frame of a connection. `degraded` names what is down; `ticket` makes the next handshake cheap. */
export interface Hello {
  type: "hello";
  connection: string;
  epoch: string;
  heartbeat_s: number;
  server_time: string;
  user: Me;
  limits: Record<string, number>;
  degraded: string[];
  ticket: string;
}

/** Other parts than before do not work as they should; an empty list: all is well. */
export interface Degraded {
  type: "degraded";
  parts: string[];
}

/** Everything missed has been sent; from here on live. */
export interface Synced {
  type: "synced";
}

/** This server goes away: reconnect after `in_ms`. */
export interface Bye {
  type: "bye";
  in_ms: number;
}

/** The answer to a ping. */
export interface Pong {
  type: "pong";
  ref: number | string | null;
}

/** Somebody types, or has stopped. */
export interface Typing {
  type: "typing";
  room: number;
  user: number;
  is_typing: boolean;
}

/** A user came or went. */
export interface Presence {
  type: "presence";
  user: number;
  status: PresenceStatus;
}

/** Somebody whom I may know has another name, face or doing; `status` is not told here. */
export interface UserChanged {
  type: "user.changed";
  user: User;
}

/** My own account is another: a language that I chose elsewhere, a role that I was given. */
export interface MeChanged {
  type: "me.changed";
  user: Me;
}

/** Another device of mine has read up to here; with more `backs` than I know of, it has put the mark back. */
export interface Read {
  type: "read";
  room: number;
  msg_no: number;
  backs: number;
}

/** In a small room others have read further; who hides that is not among them, and is not told. */
export interface Seen {
  type: "seen";
  room: number;
  readers: Reader[];
}

/** I have chosen, on any device, of what in a room I want to be told. */
export interface Level {
  type: "level";
  room: number;
  level: NotificationLevel;
}

/** I follow a thread or do not any more, or have read it up to a reply, on whichever device. */
export interface ThreadChanged {
  type: "thread.changed";
  room: number;
  thread: number;
  is_followed: boolean;
  read_seq: number;
}

/** What I have chosen in the poll of a message, on whichever device, by place from 0. */
export interface VoteCast {
  type: "vote";
  room: number;
  poll: number;
  choices: number[];
}

/** I am in a new room; its changes after `room.last_seq` follow. */
export interface RoomOpened {
  type: "room.opened";
  room: RoomState;
  users: User[];
}

/** I am no longer in this room. */
export interface RoomClosed {
  type: "room.closed";
  room: number;
}

/** I have arranged my left column anew: read `GET /me/sidebar` again. */
export interface SidebarChanged {
  type: "sidebar.changed";
}

/** What I want to be sent later is another: read `GET /scheduled` again. */
export interface ScheduledChanged {
  type: "scheduled.changed";
}

/** On one of my devices something was written, sent or thrown away; what is here and was written later stays. */
export interface DraftChanged {
  type: "draft.changed";
  draft: Draft;
}

/** My reminders are others: read `GET /reminders` again. */
export interface RemindersChanged {
  type: "reminders.changed";
}

/** The messages that I have saved are others: read `GET /saved/ids` again. */
export interface SavedChanged {
  type: "saved.changed";
}

/** What waits to be seen to by me as a moderator or admin is another: read `GET /reports` again. */
export interface ReportsChanged {
  type: "reports.changed";
}

/** The workspace has another emoji of this name, or other aliases of it; null: it has none any more. */
export interface EmojiChanged {
  type: "emoji.changed";
  name: string;
  emoji: CustomEmoji | null;
}

/** The workspace is called otherwise or has another logo: an address of this server, null without one. */
export interface WorkspaceChanged {
  type: "workspace.changed";
  name: string;
  logo: string | null;
}

/** The time of a reminder of mine has come; it may be said twice, and stays in `GET /reminders`. */
export interface ReminderDue {
  type: "reminder.due";
  reminder: Reminder;
}

export type Ephemeral = Typing | Presence | UserChanged | MeChanged | Read | Seen | Level | ThreadChanged | VoteCast | SidebarChanged | RoomOpened | RoomClosed | Degraded | ScheduledChanged | RemindersChanged | DraftChanged | SavedChanged | ReminderDue | ReportsChanged | EmojiChanged | WorkspaceChanged;

/** What went wrong; `after_ms` only where `retry` is true. */
export interface ErrorShape {
  code: string;
  detail: string;
  retry: boolean;
  after_ms?: number;
}

/** Done; a durable command only after its transaction has committed. */
export interface Accepted {
  type: "reply";
  ref: number | string | null;
  ok: true;
  result: Record<string, unknown>;
}

/** Not done, and nothing has changed (`unknown_outcome`: repeat with the same id to learn it). */
export interface RefusedReply {
  type: "reply";
  ref: number | string | null;
  ok: false;
  error: ErrorShape;
}

export type Reply = Accepted | RefusedReply;

/** Whatever the server may send; a newer server may send more. */
export type ServerFrame =
  | MessageChange
  | ExpiryChange
  | ReactionChange
  | PreviewChange
  | PollChange
  | PinChange
  | QuoteChange
  | AttachmentChange
  | MemberChange
  | BanChange
  | RoomChange
  | Hello
  | Degraded
  | Synced
  | Bye
  | Pong
  | Typing
  | Presence
  | UserChanged
  | MeChanged
  | Read
  | Seen
  | Level
  | ThreadChanged
  | VoteCast
  | RoomOpened
  | RoomClosed
  | SidebarChanged
  | ScheduledChanged
  | DraftChanged
  | RemindersChanged
  | SavedChanged
  | ReportsChanged
  | EmojiChanged
  | WorkspaceChanged
  | ReminderDue
  | Accepted
  | RefusedReply;

/** What a client may ask: type -> fields (without `type` and `ref`). */
export interface Commands {
  /** Write a message; the same id and body again gets the first answer. With files or a quote its text may be empty. */
  "message.post": { room: number; client_message_id: string; body: string; parent?: number | null; attachments?: number[]; also_in_room?: boolean; poll?: { options: string[]; multiple?: boolean; anonymous?: boolean; closes_at?: string | null } | null; quote?: number | null };
  /** Give one's own message another text; with the `edited_at` that one holds, only if it is still that one. */
  "message.edit": { message: number; body: string; edited_at?: string | null };
  /** Empty a message; its place stays, and for the message of somebody else the `reason`. */
  "message.delete": { message: number; reason?: string | null };
  /** Put an emoji under a message. */
  "reaction.add": { message: number; emoji: string };
  /** Take one's own emoji back. */
  "reaction.remove": { message: number; emoji: string };
  /** Take the preview of a link away for good, from one's own message or, as a moderator, from another's. */
  "preview.remove": { message: number; url: string };
  /** Keep a message at hand for everybody in the room. */
  "message.pin": { message: number };
  /** Take a pin off. */
  "message.unpin": { message: number };
  /** Say how far one has read; the highest wins. With `backs`, only if the mark was not put back since. */
  "read.mark": { room: number; msg_no: number; backs?: number | null };
  /** Put the mark back, so that what comes after `msg_no` is unread again. */
  "read.back": { room: number; msg_no: number; backs: number };
  /** Say of what in a room one wants to be told; all of one's devices show it. */
  "level.set": { room: number; level: NotificationLevel };
  /** Hear of new replies to a message, from here on; a message of a thread names its thread. */
  "thread.follow": { message: number };
  /** Hear no more of a thread, whoever answers in it; who writes there follows it again. */
  "thread.unfollow": { message: number };
  /** Say how far one has read a thread that one follows, by the seq of a reply; the highest wins. */
  "thread.read": { message: number; seq: number };
  /** Choose among the options of a poll, by place from 0; again replaces what was chosen, none takes it back. */
  "poll.vote": { message: number; choices: number[] };
  /** End a poll for good: one's own or, as a moderator, another's. */
  "poll.close": { message: number };
  /** Make a room and be its owner; the same id again gets the room that was made first. */
  "room.create": { name: string; client_room_id?: string | null; kind?: "open" | "closed"; topic?: string; slug?: string | null; members?: number[] };
  /** Change what is given, leave the rest; an empty name takes that of a conversation of a group away. */
  "room.update": { room: number; name?: string | null; topic?: string | null; kind?: "open" | "closed" | null; archived?: boolean | null; previews?: boolean | null; posting?: RoomPosting | null; slow_s?: number | null; calls?: RoomCallers | null; seen?: boolean | null };
  /** End a room for everybody. */
  "room.delete": { room: number };
  /** Enter an open room. */
  "room.join": { room: number };
  /** Leave a room. */
  "room.leave": { room: number };
  /** Bring somebody into a room. */
  "member.add": { room: number; user: number };
  /** Give a member another role. */
  "member.update": { room: number; user: number; role: RoomRole };
  /** Take somebody out of a room; to remove oneself is to leave. */
  "member.remove": { room: number; user: number; reason?: string | null };
  /** Let a member only read: until a time, for some minutes, or, with neither, until unmuted. */
  "member.mute": { room: number; user: number; until?: string | null; minutes?: number | null; reason?: string | null };
  /** Let a muted member write again. */
  "member.unmute": { room: number; user: number };
  /** Take somebody out of a room, or keep out who is not in: until a time, for some minutes, or until unbanned. */
  "member.ban": { room: number; user: number; until?: string | null; minutes?: number | null; reason?: string | null };
  /** Let somebody who was banned come back. */
  "member.unban": { room: number; user: number };
  /** Open the conversation of exactly these users and oneself; it is made at the first time. */
  "direct.open": { users: number[] };
  /** Take up the conversation with the cursors that the client holds. */
  "resume": { epoch?: string | null; rooms?: Record<string, number> };
  /** Read a page of messages by seq; at most one of before, after, around; none = the newest. */
  "history.get": { room: number; before?: number | null; after?: number | null; around?: number | null; limit?: number };
  /** Read the changes after a seq. */
  "changes.get": { room: number; after: number; limit?: number };
  /** Say that one types. */
  "typing.start": { room: number };
  /** Say that one has stopped typing. */
  "typing.stop": { room: number };
  /** Ask whether the server is there. */
  "ping": Record<string, never>;
}

/** Commands that get no reply and carry no ref. */
export const SILENT_COMMANDS = ["typing.start", "typing.stop"] as const;

export const ERRORS = {
  bad_json: { retry: false }, // The frame is not JSON.
  bad_frame: { retry: false }, // A field is missing or has the wrong type; the detail names it.
  unknown_type: { retry: false }, // No command has this type.
  bad_text: { retry: false }, // The text holds a NUL, a lone surrogate or a pile of combining marks.
  empty: { retry: false }, // Nothing visible is in the text.
  too_long: { retry: false }, // The text or the frame is longer than allowed.
  too_many: { retry: false }, // More items than allowed.
  unsupported: { retry: false }, // Binary frames are not spoken here.
  not_found: { retry: false }, // Missing, or hidden from you.
  signed_out: { retry: false }, // No valid session or token.
  forbidden: { retry: false }, // Seen but not allowed.
  muted: { retry: false }, // You may read but not write here at the moment.
  archived: { retry: false }, // The room is archived: nothing can be added.
  conflict: { retry: false }, // The same id or name is taken by something else.
  gone: { retry: false }, // The room's log begins later: read the room anew.
  rate_limited: { retry: true }, // Too fast: repeat after the given time.
  busy: { retry: true }, // The writer is behind: repeat after the given time.
  unavailable: { retry: true }, // The database cannot be reached: repeat after the given time.
  draining: { retry: true }, // This server restarts: repeat on the next connection.
  unknown_outcome: { retry: true }, // It may or may not be stored: repeat with the same id.
  full: { retry: false }, // Your place for files, or that of all together, is used up.
  failed: { retry: false }, // A fault of the server; it is logged, nothing was stored.
} as const;

export type ErrorCode = keyof typeof ERRORS;

export const CLOSES = {
  1000: { name: "normal", reconnect: false }, // Closed as asked.
  1002: { name: "protocol_error", reconnect: false }, // A malformed WebSocket frame.
  1007: { name: "bad_utf8", reconnect: false }, // A text frame that is not UTF-8.
  1009: { name: "frame_too_large", reconnect: false }, // A frame above the limit.
  1012: { name: "restart", reconnect: true }, // Drain or restart: reconnect after `in_ms` of the `bye`, then resume.
  4100: { name: "moved", reconnect: true }, // Place lost or maximum age: reconnect and resume.
  4101: { name: "too_slow", reconnect: true }, // This reader is too slow: reconnect and resume.
  4200: { name: "overloaded", reconnect: true }, // Overloaded: wait, then reconnect.
  4201: { name: "too_many_frames", reconnect: true }, // Too many frames: wait, then reconnect.
  4202: { name: "too_many_connections", reconnect: true }, // Too many connections of this user: wait, then reconnect.
  4500: { name: "protocol_broken", reconnect: false }, // The client does not speak this protocol.
  4501: { name: "signed_out", reconnect: false }, // No valid session or token.
  4502: { name: "disabled", reconnect: false }, // The account is disabled.
  4503: { name: "client_too_old", reconnect: false }, // The client is too old.
} as const;

export type CloseCode = keyof typeof CLOSES;

export const LIMITS = {
  PROTOCOL_VERSION: 1,
  FRAME_MAX_BYTES: 65536,
  BODY_MAX_CHARS: 8000,
  BODY_MAX_BYTES: 32768,
  MARKS_MAX_COUNT: 8,
  NAME_MAX_CHARS: 80,
  TOPIC_MAX_CHARS: 500,
  INVITE_MAX_DAYS: 365,
  INVITE_MAX_USES: 1000,
  SLOW_MAX_S: 21600,
  SLUG_MAX_CHARS: 64,
  HANDLE_MAX_CHARS: 32,
  TITLE_MAX_CHARS: 80,
  PRONOUNS_MAX_CHARS: 40,
  DOING_MAX_CHARS: 80,
  CLIENT_MESSAGE_ID_MIN_CHARS: 8,
  CLIENT_MESSAGE_ID_MAX_CHARS: 64,
  EMOJI_MAX_CHARS: 64,
  EMOJI_NAME_MAX_CHARS: 32,
  REF_MAX_CHARS: 64,
  MENTIONS_MAX_COUNT: 50,
  CALLS_MAX_COUNT: 5,
  HERE_MAX_COUNT: 2000,
  GROUP_MEMBERS_MAX_COUNT: 200,
  GROUPS_MAX_COUNT: 500,
  ATTACHMENTS_MAX_COUNT: 10,
  FILE_NAME_MAX_CHARS: 120,
  FILE_NAME_MAX_BYTES: 240,
  FILE_TYPE_MAX_CHARS: 100,
  ALT_MAX_CHARS: 500,
  REACTIONS_PER_MESSAGE_MAX_COUNT: 100,
  LINK_MAX_CHARS: 2000,
  VERSIONS_MAX_COUNT: 100,
  PINS_PER_ROOM_MAX_COUNT: 100,
  SAVED_MAX_COUNT: 1000,
  PREVIEWS_PER_MESSAGE_MAX_COUNT: 5,
  PREVIEW_TITLE_MAX_CHARS: 160,
  PREVIEW_DESCRIPTION_MAX_CHARS: 300,
  PREVIEW_SITE_MAX_CHARS: 60,
  RESUME_ROOMS_MAX_COUNT: 500,
  HISTORY_LIMIT_DEFAULT: 50,
  HISTORY_LIMIT_MAX: 200,
  CHANGES_LIMIT_DEFAULT: 100,
  CHANGES_LIMIT_MAX: 500,
  DIRECT_USERS_MAX_COUNT: 8,
  SEEN_SHOWN_MAX_COUNT: 20,
  SEEN_ASKED_MAX_COUNT: 500,
  REASON_MAX_CHARS: 200,
  MUTE_MAX_MINUTES: 525600,
  SCHEDULED_MAX_COUNT: 200,
  REMINDERS_MAX_COUNT: 500,
  REMINDER_TEXT_MAX_CHARS: 300,
  REMINDER_LABEL_MAX_CHARS: 80,
  POLL_OPTIONS_MAX_COUNT: 10,
  POLL_OPTION_MAX_CHARS: 120,
  POLL_NAMED_MAX_COUNT: 50,
  DRAFTS_MAX_COUNT: 200,
  SECTIONS_MAX_COUNT: 30,
  SECTION_NAME_MAX_CHARS: 40,
  SIDEBAR_ROOMS_MAX_COUNT: 500,
  AHEAD_MAX_DAYS: 366,
  TIME_ZONE_MAX_CHARS: 64,
  RETENTION_MIN_DAYS: 7,
  RETENTION_MAX_DAYS: 36500,
  EXPIRY_MAX_COUNT: 500,
  ERASURE_MAX_COUNT: 100,
  INTEGER_MAX: 9007199254740991,
} as const;
