// Puts socket, store, outbox and actions together; the only place that knows them all.

import type { Input } from "../store/inputs";
import type { State } from "../store/state";
import { hideUpload, showUpload } from "../store/uploads";
import type { Actions } from "./actions";
import { Api } from "./api";
import { Bell } from "./bell";
import { glancesOf, isLookedAt } from "./bell_tabs";
import { newClientId } from "./client_id";
import { realClock } from "./clock";
import type { Config } from "./config";
import { createActions } from "./create_actions";
import { electWith, tabsOf } from "./election";
import { protocolsFor } from "./frames";
import { History } from "./history";
import { Keeper } from "./keeper";
import { forgetKept, openKeptStore } from "./kept_store";
import { Later } from "./later";
import { Outbox } from "./outbox";
import { openOutboxStore } from "./outbox_store";
import { Push } from "./push";
import { pushBrowserOf } from "./push_browser";
import { Session } from "./session";
import { forgetShell } from "./shell";
import { Arranging } from "./sidebar";
import { Socket, type Wire } from "./socket";
import { sendFile } from "./upload_request";
import { Uploads } from "./uploads";

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
): Promise<Actions> {
  const clock = realClock;
  const keptStore = await openKeptStore(config.user.id, config.version, globalThis.indexedDB);
  const keeper = new Keeper(keptStore, clock, state);
  const forget = (): Promise<unknown> => {
    keeper.end();
    const all = Promise.all([forgetKept(globalThis.indexedDB), forgetShell()]);
    // Whatever holds it open: nobody has to wait for that at the door, where the worker does the same again.
    return Promise.race([all, new Promise((done) => setTimeout(done, FORGET_MS))]);
  };
  const toSignIn = (): void =>
    void forget().then(() =>
      location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname)}`),
    );
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
  const socket = new Socket({
    connect: (ticket) => new WebSocket(socketUrl(config.socket), protocolsFor(ticket)) as Wire,
    clock,
    random: Math.random,
    isOnline: () => navigator.onLine,
    onLink: (link) => {
      dispatch({ type: "local.link", link });
      if (link.kind === "stopped" && link.code === DISABLED) void forget();
    },
    onHello: () => session.resume(),
    onFrames: (frames) => {
      session.receive(frames);
      later.hear(frames);
      bell.hear(frames);
      arranging.hear(frames);
    },
    onDown: () => {
      session.down();
      later.down();
      bell.down();
      arranging.down();
    },
    onSignedOut: toSignIn,
  });
  const history = new History(socket, state, dispatch);
  const uploads = new Uploads({
    clock,
    newKey: newClientId,
    send: (file, alt, onProgress) => sendFile(`${config.api}uploads`, config.csrf, file, alt, onProgress),
    describe: (upload, alt) => api.patch(`uploads/${upload}`, { alt }),
    discard: (upload) => api.delete(`uploads/${upload}`),
    show: showUpload,
    hide: hideUpload,
    onStored: (key, upload) => outbox.uploaded(key, upload),
    pictureOf: (file) => URL.createObjectURL(file),
    letGo: (picture) => URL.revokeObjectURL(picture),
  });
  const outbox = new Outbox({
    store: await openOutboxStore(config.user.id, globalThis.indexedDB),
    clock,
    newId: newClientId,
    tab: tabName(),
    send: async ({ room, clientMessageId: client_message_id, body, parent, files = [], quote }) => {
      const said = { room, client_message_id, body, parent, ...(quote ? { quote: quote.message } : {}) };
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
    history,
    later,
    arranging,
    outbox,
    push,
    session,
    socket,
    uploads,
    state,
    dispatch,
    signOut,
  });
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
