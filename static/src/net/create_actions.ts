// The actions of the screen on the real server.
import type { Commands, Member, Message, Reader, RoomState, User } from "../protocol";
import type { Input } from "../store/inputs";
import type { State } from "../store/state";
import { createAccountActions } from "./account_actions";
import type { Actions, Export, Invitation, InviteUse, ListPage, SeenPage } from "./actions";
import type { Api } from "./api";
import type { Bell } from "./bell";
import type { Clock } from "./clock";
import type { Drafts } from "./drafts";
import type { Found } from "./found";
import type { History } from "./history";
import { createKeepingActions } from "./keeping_actions";
import type { Later } from "./later";
import { createLaterActions } from "./later_actions";
import { createMarkActions } from "./mark_actions";
import type { Outbox } from "./outbox";
import type { Push } from "./push";
import type { Session } from "./session";
import type { Arranging } from "./sidebar";
import type { Socket } from "./socket";
import { showThreads } from "./thread_pages";
import type { Threads } from "./threads";
import { createUnreadActions } from "./unread_actions";
import type { Uploads } from "./uploads";

/** Repeated this often while a person types; the server forgets after twice as long. */
const TYPING_EVERY_MS = 3_000;
/** More than are ever kept; the record of the workspace is read in the last ones. */
const EXPORTS_COUNT = 50;

const PEEK_COUNT = 30;

export interface Parts {
  api: Api;
  bell: Bell;
  clock: Clock;
  drafts: Drafts;
  history: History;
  later: Later;
  arranging: Pick<Arranging, "arrange">;
  outbox: Outbox;
  push: Push;
  session: Session;
  socket: Socket;
  threads: Threads;
  uploads: Uploads;
  state(): State;
  dispatch(...inputs: Input[]): void;
  /** Leave the page for the sign-in page, with the session ended. */
  signOut(): Promise<void>;
}

interface Items<T> {
  items: T[];
}

export function createActions(parts: Parts): Actions {
  const { api, history, outbox, session, uploads, dispatch, state } = parts;
  const order = async <K extends keyof Commands>(type: K, fields: Commands[K]): Promise<void> =>
    void (await parts.socket.request(type, fields));
  const orderRoom = async <K extends keyof Commands>(type: K, fields: Commands[K]): Promise<number> =>
    ((await parts.socket.request(type, fields)) as { room: number }).room;

  return {
    post: (room, body, parent = null, files = [], quote = null, more = {}) => {
      stopTyping(parts, room);
      parts.socket.hurry();
      uploads.taken(files);
      return outbox.post(room, body, parent, files, quote, more);
    },
    upload: (file, place) => uploads.add(file, place),
    describeUpload: (key, alt) => uploads.describe(key, alt),
    retryUpload: (key) => uploads.retry(key),
    cancelUpload: (key) => uploads.cancel(key),
    tryNow: () => parts.socket.tryNow(),
    retry: (id) => {
      parts.socket.hurry();
      outbox.retry(id);
    },
    discard: (id) => {
      const pending = state().pending.find(({ clientMessageId }) => clientMessageId === id);
      outbox.discard(id);
      for (const { key } of pending?.files ?? []) uploads.cancel(key);
    },
    edit: (message, body, edited_at) => order("message.edit", { message, body, edited_at }),
    remove: (message, reason = "") =>
      order("message.delete", { message, ...(reason === "" ? {} : { reason }) }),
    report: (message, kind, text) => api.post<void>(`messages/${message}/report`, { kind, text }),
    react: (message, emoji) => order("reaction.add", { message, emoji }),
    unreact: (message, emoji) => order("reaction.remove", { message, emoji }),
    removePreview: (message, url) => order("preview.remove", { message, url }),

    openRoom: async (room, seq) => {
      dispatch({ type: "local.entered", room });
      // A room that is not here yet is loaded as soon as it is.
      if (room !== null && state().rooms.has(room)) await history.show(room, seq);
      else if (room !== null && seq !== undefined) history.want(room, seq);
    },
    loadBefore: (room) => history.before(room),
    loadAfter: (room) => history.after(room),
    jumpToLatest: (room) => history.latest(room),
    lookAt: (room, seq) => dispatch({ type: "local.looked", room, seq }),
    markRead: (room, msgNo) => session.markRead(room, msgNo),
    typing: (room, on) => (on ? sayTyping(parts, room) : stopTyping(parts, room)),

    join: (room) => order("room.join", { room }),
    leave: (room) => order("room.leave", { room }),
    createRoom: (room) => orderRoom("room.create", room),
    updateRoom: (room, fields) => order("room.update", { room, ...fields }),
    setLevel: async (room, level) => {
      await order("level.set", { room, level });
      // Said to my devices too, this one included, but that may be lost.
      dispatch({ type: "level", room, level });
    },
    deleteRoom: (room) => order("room.delete", { room }),
    openDirect: (users) => orderRoom("direct.open", { users }),
    browseRooms: ({ q, sort, joined, archived }, cursor, limit) =>
      api.get<ListPage<RoomState>>("rooms", {
        scope: "all",
        directs: "false",
        q,
        sort,
        joined: joined?.toString(),
        archived: archived?.toString(),
        limit,
        cursor: cursor ?? undefined,
      }),
    readRoom: (room) => api.get<RoomState>(`rooms/${room}`),
    peek: async (room) =>
      (await api.get<Items<Message>>(`rooms/${room}/messages`, { limit: PEEK_COUNT })).items,
    members: async (room) => {
      const items = await api.all<Member>(`rooms/${room}/members`);
      dispatch({ type: "local.members", room, members: items });
      return items;
    },
    memberPage: async (room, { q, role, sort }, cursor, limit) => {
      const query = { q, role, sort, limit, cursor: cursor ?? undefined };
      const page = await api.get<ListPage<Member>>(`rooms/${room}/members`, query);
      dispatch({ type: "local.users", users: page.items.map(({ user }) => user) });
      return page;
    },
    readSeen: async (room) => {
      const { items } = await api.get<Items<Reader>>(`rooms/${room}/seen`);
      dispatch({ type: "local.seen", room, readers: items });
    },
    seenBy: async (message, cursor) => {
      const page = await api.get<SeenPage>(`messages/${message}/seen`, { cursor: cursor ?? undefined });
      dispatch({ type: "local.users", users: page.items });
      return page;
    },
    addMember: (room, user) => order("member.add", { room, user }),
    removeMember: (room, user, { reason } = {}) =>
      order("member.remove", { room, user, ...(reason ? { reason } : {}) }),
    muteMember: (room, user, sanction) => order("member.mute", { room, user, ...sanction }),
    unmuteMember: (room, user) => order("member.unmute", { room, user }),
    banMember: (room, user, sanction) => order("member.ban", { room, user, ...sanction }),
    setRole: (room, user, role) => order("member.update", { room, user, role }),
    arrange: (change) => parts.arranging.arrange(change),
    people: async (query) => {
      const { items } = await api.get<Items<User>>("users", { q: query });
      dispatch({ type: "local.users", users: items });
      return items;
    },
    thread: (message) => openThread(parts, message),
    closeThread: () => dispatch({ type: "local.thread", thread: null }),
    vote: async (message, choices) => {
      await order("poll.vote", { message, choices: [...choices] });
      dispatch({ type: "local.vote", message, choices });
    },
    closePoll: (message) => order("poll.close", { message }),
    readVote: async (message) => {
      const { choices } = await api.get<{ choices: number[] }>(`messages/${message}/vote`);
      dispatch({ type: "local.vote", message, choices });
    },
    followThread: async (message, on) => {
      await order(on ? "thread.follow" : "thread.unfollow", { message });
      await parts.threads.list();
    },
    readThread: (message, seq) => parts.threads.read(message, seq),
    keepDraft: (place, text) => parts.drafts.write(place, text),
    showThreads: (after) => showThreads(parts, after),
    hideThreads: () => dispatch({ type: "local.threads_shown", items: null, isMore: false }),
    invite: async (order) => (await api.post<{ url: string }>("invites", order)).url,
    invites: (scope) => api.all<Invitation>("invites", { scope }),
    revokeInvite: (id) => api.delete<void>(`invites/${id}`),
    inviteUses: (id) => api.all<InviteUse>(`invites/${id}/uses`),
    onAlerts: (listener) => parts.bell.onAlerts(listener),
    pushState: () => parts.push.state(),
    switchPush: (on) => (on ? parts.push.switchOn() : parts.push.switchOff()),
    testPush: () => parts.push.test(),
    exports: async () => (await api.get<Items<Export>>("exports", { limit: EXPORTS_COUNT })).items,
    exportsOfWorkspace: async () =>
      (await api.get<Items<Export>>("exports", { scope: "workspace", limit: EXPORTS_COUNT })).items,
    askForExport: (order) => api.post<Export>("exports", order),
    removeExport: (id) => api.delete<void>(`exports/${id}`),
    search: ({ q, room, sort }, cursor) =>
      api.get<Found>("search", { q, sort, room: room ?? undefined, cursor: cursor ?? undefined }),
    rest: api,
    signOut: () => parts.signOut(),
    ...createAccountActions(parts),
    ...createLaterActions(parts),
    ...createKeepingActions(parts),
    ...createMarkActions(parts),
    ...createUnreadActions(parts),
  };
}

const typingSince = new WeakMap<Parts, { room: number; at: number }>();

function sayTyping(parts: Parts, room: number): void {
  const last = typingSince.get(parts);
  const now = parts.clock.now();
  if (last?.room === room && now - last.at < TYPING_EVERY_MS) return;
  if (last && last.room !== room) stopTyping(parts, last.room);
  typingSince.set(parts, { room, at: now });
  parts.socket.say("typing.start", { room });
}

function stopTyping(parts: Parts, room: number): void {
  if (typingSince.get(parts)?.room !== room) return;
  typingSince.delete(parts);
  parts.socket.say("typing.stop", { room });
}

/** Show a thread with what is here already, then with what the server has. */
async function openThread({ api, dispatch, state }: Parts, root: number): Promise<Message[]> {
  const known = [...state().rooms.values()]
    .flatMap((room) => room.timeline.messages)
    .filter((message) => message.id === root || message.parent === root);
  const first = known.find((message) => message.id === root) ?? null;
  const replies = known.filter((message) => message.parent === root);
  const room = first?.room ?? 0;
  dispatch({ type: "local.thread", thread: { root, room, first, replies, loading: true, failed: false } });
  try {
    const [message, items] = await Promise.all([
      first ?? api.get<Message>(`messages/${root}`),
      api.all<Message>(`messages/${root}/thread`),
    ]);
    const now = state().thread;
    if (now?.root !== root) return items;
    // Changes that came while it was read are newer than what was read.
    const newer = new Map(now.replies.map((reply) => [reply.id, reply]));
    const all = new Map([...items, ...newer.values()].map((reply) => [reply.id, reply]));
    const sorted = [...all.values()].sort((a, b) => a.seq - b.seq);
    const shown = { root, room: message.room, first: now.first ?? message, replies: sorted };
    dispatch({ type: "local.thread", thread: { ...shown, loading: false, failed: false } });
    return sorted;
  } catch (error) {
    const now = state().thread;
    if (now?.root === root)
      dispatch({ type: "local.thread", thread: { ...now, loading: false, failed: true } });
    throw error;
  }
}
