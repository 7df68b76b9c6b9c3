// Puts socket, store, outbox and actions together; the only place that knows them all.

import { drafts as draftTexts } from "../store/drafts";
import type { Input } from "../store/inputs";
import type { State } from "../store/state";
import { hideUpload, putTray, showUpload, trays } from "../store/uploads";
import type { Actions } from "./actions";
import { Api } from "./api";
import { Bell } from "./bell";
import { glancesOf, isLookedAt } from "./bell_tabs";
import { newClientId } from "./client_id";
import { realClock } from "./clock";
import type { Config } from "./config";
import { createActions } from "./create_actions";
import { Drafts } from "./drafts";
import { takeEarly, type Waiting } from "./early";
import { electWith, tabsOf } from "./election";
import { unreachable } from "./error";
import { openFileStore } from "./file_store";
import { protocolsFor } from "./frames";
import { History } from "./history";
import { Keeper } from "./keeper";
import { KeptFiles } from "./kept_files";
import { forgetKept, openKeptStore } from "./kept_store";
import { Later } from "./later";
import { Outbox } from "./outbox";
import { openOutboxStore } from "./outbox_store";
import { OwnEmoji } from "./own_emoji";
import { Push } from "./push";
import { pushBrowserOf } from "./push_browser";
import { Reports } from "./reports";
import { Session } from "./session";
import { forgetShell } from "./shell";
import { Arranging } from "./sidebar";
import { Socket, type Wire } from "./socket";
import { Threads } from "./threads";
import { sendFile } from "./upload_request";
import { PIECES_FROM_BYTES, type Sending, Uploads } from "./uploads";

const TAB_KEY = "maru-tab";
/** The tabs of one browser share a session, and lose it together. */
const SESSION_CHANNEL = "maru-session";
const SIGNED_OUT = "signed_out";
const PUSH_LEAVE_MS = 2_000;
const FORGET_MS = 1_500;
const DISABLED = 4502;

/** Connect the page to its server; the actions work at once, whatever the network does. */
export async function start(
  config: Config,
  state: () => State,
  show: (...inputs: Input[]) => void,
  isNarrow: () => boolean,
): Promise<Actions> {
  const clock = realClock;
  const [keptStore, outboxStore] = await Promise.all([
    openKeptStore(config.user.id, config.version, globalThis.indexedDB),
    openOutboxStore(config.user.id, globalThis.indexedDB),
  ]);
  const keeper = new Keeper(keptStore, clock, state);
  const forget = (): Promise<unknown> => {
    keeper.end();
    emoji.forget();
    const all = Promise.all([forgetKept(globalThis.indexedDB), forgetShell()]);
    // Whatever holds it open: nobody has to wait for that at the door, where the worker does the same again.
    return Promise.race([all, new Promise((done) => setTimeout(done, FORGET_MS))]);
  };
  // Whose account was switched off is told so here; a request that is refused in the same moment leads nowhere.
  let isDisabled = false;
  const toSignIn = (): void =>
    void forget().then(() => {
      if (!isDisabled) location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`);
    });
  const dispatch = (...inputs: Input[]): void => {
    show(...inputs);
    keeper.note();
  };
  const api = new Api(config.api, config.csrf, toSignIn);
  const session = new Session({
    clock,
    random: Math.random,
    api,
    state,
    dispatch,
    onLook: (isAnew) => history.look(isAnew),
  });
  const later = new Later({ api, clock, dispatch });
  const bell = new Bell({
    clock,
    state,
    isLookedAt,
    elect: electWith(navigator.locks, config.user.id, "bell"),
    tabs: glancesOf(config.user.id),
  });
  const arranging = new Arranging({ api, clock, dispatch });
  const reports = new Reports({ api, clock, state });
  const emoji = new OwnEmoji({ api, clock, user: config.user.id, store: () => globalThis.localStorage });
  emoji.load();
  let helloLateMs = 0;
  const socket = new Socket({
    connect: (ticket) => {
      const early = takeEarly(globalThis as Waiting, performance.now());
      helloLateMs = early?.lateMs ?? 0;
      return early?.wire ?? (new WebSocket(socketUrl(config.socket), protocolsFor(ticket)) as Wire);
    },
    clock,
    random: Math.random,
    isOnline: () => navigator.onLine,
    onLink: (link) => {
      isDisabled = link.kind === "stopped" && link.code === DISABLED;
      dispatch({ type: "local.link", link });
      if (isDisabled) void forget();
    },
    onHello: () => {
      session.resume();
      uploads.wake();
    },
    onFrames: (frames) => {
      session.receive(frames);
      later.hear(frames);
      bell.hear(frames);
      threads.hear(frames);
      drafts.hear(frames, config.user.id);
      arranging.hear(frames);
      reports.hear(frames);
      emoji.hear(frames);
    },
    onDown: () => {
      session.down();
      later.down();
      bell.down();
      threads.down();
      drafts.down();
      arranging.down();
      reports.down();
      emoji.down();
    },
    onSignedOut: toSignIn,
  });
  const history = new History(socket, state, dispatch, isNarrow);
  const drafts = new Drafts({
    api,
    clock,
    user: config.user.id,
    helloLateMs: () => helloLateMs,
    store: () => globalThis.localStorage,
    get: () => draftTexts.peek(),
    set: (found) => {
      draftTexts.value = found;
    },
  });
  drafts.load();
  document.addEventListener("visibilitychange", () => document.hidden && drafts.flush());
  const threads = new Threads({ api, clock, socket, state, dispatch });
  const tab = tabName();
  const uploads = new Uploads({
    clock,
    newKey: newClientId,
    send: (file, alt, onProgress, begun) => {
      const address = `${config.api}uploads`;
      if (file.size <= PIECES_FROM_BYTES) return sendFile(address, config.csrf, file, alt, onProgress);
      return lazily(async () => {
        const { sendInPieces } = await import("./resumable");
        return sendInPieces(address, config.csrf, file, alt, begun, onProgress);
      });
    },
    giveUp: async (upload) => {
      const { giveUp } = await import("./resumable");
      return giveUp(`${config.api}uploads`, config.csrf, upload);
    },
    kept: new KeptFiles(openFileStore(config.user.id, globalThis.indexedDB), tab, Date.now),
    describe: (upload, alt) => api.patch(`uploads/${upload}`, { alt }),
    discard: (upload) => api.delete(`uploads/${upload}`),
    show: showUpload,
    hide: hideUpload,
    onStored: (key, upload) => outbox.uploaded(key, upload),
    pictureOf: (file) => URL.createObjectURL(file),
    letGo: (picture) => URL.revokeObjectURL(picture),
  });
  const outbox = new Outbox({
    store: outboxStore,
    clock,
    newId: newClientId,
    tab,
    send: async ({
      room,
      clientMessageId: client_message_id,
      body,
      parent,
      alsoInRoom,
      poll,
      files = [],
      quote,
    }) => {
      const also = { ...(alsoInRoom ? { also_in_room: true } : {}), ...(poll ? { poll } : {}) };
      const quoted = quote ? { quote: quote.message } : {};
      const said = { room, client_message_id, body, parent, ...also, ...quoted };
      if (files.length === 0) return (await socket.request("message.post", said)) as { seq: number };
      const attachments = await uploads.idsOf(files);
      const stored = (await socket.request("message.post", { ...said, attachments })) as { seq: number };
      uploads.used(files);
      return stored;
    },
    dispatch,
    tabs: tabsOf(config.user.id),
    elect: electWith(navigator.locks, config.user.id),
  });
  session.attach(socket, outbox);
  const kept = await keptStore?.read(clock.now()).catch(() => null);
  if (kept) dispatch({ type: "local.kept", kept });
  await outbox.load();
  void uploads.restore().then((found) => {
    for (const { key, place } of found) putTray(place, [...(trays.peek().get(place) ?? []), key]);
  });
  listen(socket, session, keeper, dispatch, toSignIn);
  socket.start();
  const push = new Push(api, config.settings.push, pushBrowserOf(config.user.id));
  // Nobody waits for it, and nobody can do anything when it fails: the next start tries again.
  void push.renew().catch(() => undefined);
  // What somebody else who was here before has left is no business of mine.
  void forgetKept(globalThis.indexedDB, config.user.id);
  const signOut = (): Promise<void> => leave(config, socket, push, forget);
  return createActions({
    api,
    bell,
    clock,
    drafts,
    history,
    later,
    arranging,
    outbox,
    push,
    session,
    socket,
    threads,
    uploads,
    state,
    dispatch,
    signOut,
  });
}

/** A request whose code is fetched first. */
function lazily(open: () => Promise<Sending>): Sending {
  let isStopped = false;
  let sending: Sending | null = null;
  const done = open()
    .catch(() => {
      throw unreachable();
    })
    .then((opened) => {
      sending = opened;
      if (isStopped) opened.stop();
      return opened.done;
    });
  const stop = (): void => {
    isStopped = true;
    sending?.stop();
  };
  return { done, stop };
}

function listen(
  socket: Socket,
  session: Session,
  keeper: Keeper,
  dispatch: (...inputs: Input[]) => void,
  toSignIn: () => void,
): void {
  new BroadcastChannel(SESSION_CHANNEL).onmessage = ({ data }) => {
    if (data !== SIGNED_OUT) return;
    socket.stop();
    toSignIn();
  };
  addEventListener("online", () => socket.wake());
  addEventListener("offline", () => socket.doubt());
  // A page that comes back from the browser's cache holds a dead socket.
  addEventListener("pageshow", (event) => event.persisted && socket.wake());
  // A browser that had put the page to sleep did not say when its connection died.
  document.addEventListener("resume", () => socket.wake());
  addEventListener("pagehide", () => {
    session.leave(true);
    void keeper.write();
  });
  const seen = (): void => {
    dispatch({ type: "local.hidden", hidden: document.hidden });
    if (document.hidden) {
      session.leave(false);
      void keeper.write();
    } else socket.wake();
  };
  document.addEventListener("visibilitychange", seen);
  seen();
}

async function leave(
  config: Config,
  socket: Socket,
  push: Push,
  forget: () => Promise<unknown>,
): Promise<void> {
  socket.stop();
  // The next person here must not see what was meant for me; the server ends it with the session too.
  await Promise.race([push.leave(), new Promise((done) => setTimeout(done, PUSH_LEAVE_MS))]);
  await fetch(config.signOut, {
    method: "POST",
    credentials: "same-origin",
    headers: { "X-CSRFToken": config.csrf },
    redirect: "manual",
  }).catch(() => undefined);
  await forget();
  new BroadcastChannel(SESSION_CHANNEL).postMessage(SIGNED_OUT);
  location.assign("/accounts/login/");
}

function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function tabName(): string {
  try {
    const known = sessionStorage.getItem(TAB_KEY);
    if (known) return known;
    const name = newClientId();
    sessionStorage.setItem(TAB_KEY, name);
    return name;
  } catch {
    return newClientId();
  }
}
