// Test only: the page without its screen, between a wire and a clock in the hand of a test and a model of the server.
import { vi } from "vitest";
import type { Draft } from "../protocol";
import { apply, type Input } from "../store/apply";
import { posts } from "../store/cast";
import { drafts as draftTexts } from "../store/drafts";
import { ME, ModelServer, ROOM } from "../store/model_server";
import { emptyState, type Room, type State } from "../store/state";
import type { Actions } from "./actions";
import { Api } from "./api";
import { Bell } from "./bell";
import { createActions } from "./create_actions";
import { type DraftStore, Drafts } from "./drafts";
import { FakeClock, FakeWire, settled } from "./fakes";
import { History } from "./history";
import { Later } from "./later";
import { Outbox } from "./outbox";
import { memoryStore } from "./outbox_store";
import { Push, type PushBrowser } from "./push";
import { Reports } from "./reports";
import { Session } from "./session";
import { Arranging } from "./sidebar";
import { Socket } from "./socket";
import { Threads } from "./threads";
import { Uploads } from "./uploads";

export class Stage {
  readonly clock = new FakeClock();
  readonly wires: FakeWire[] = [];
  readonly requests: { url: string; init: RequestInit }[] = [];
  readonly actions: Actions;
  state: State = emptyState(ME);
  server = new ModelServer(posts(20));
  answer: (url: string) => Response = () => Response.json({});
  /** Which lists of what is put off were read, and what they hold. */
  readonly lists: string[] = [];
  /** How often the list of threads was read, and what it holds. */
  readonly threadReads: string[] = [];
  /** What was told of drafts, what the server keeps of them, and what it answers. */
  readonly draftsTold: Record<string, unknown>[] = [];
  draftsKept: Draft[] = [];
  answerDraft: (told: Record<string, unknown>) => Response = (told) => Response.json(told);
  draftStore: DraftStore | null;
  answerThreads: () => Response | Promise<Response> = () => Response.json({ items: [], next: null });
  answerList: (list: string) => Response = () => Response.json({ items: [], messages: [], next: null });

  openReports = 0;

  constructor(draftStore: DraftStore | null = null) {
    this.draftStore = draftStore;
    const { clock } = this;
    const state = (): State => this.state;
    const dispatch = (...inputs: Input[]): void => {
      for (const input of inputs) this.state = apply(this.state, input, clock.now());
    };
    vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
      const list = /\/(scheduled|reminders|saved|reports)(?=\?|\/ids)/.exec(url)?.[1];
      if (list === "reports") return Response.json({ items: [], next: null, open: this.openReports });
      if (list) {
        this.lists.push(list);
        return this.answerList(list);
      }
      if (/\/drafts/.test(url)) {
        if (init.method !== "PUT") return Response.json({ items: this.draftsKept, next: null });
        const told = JSON.parse(String(init.body)) as Record<string, unknown>;
        this.draftsTold.push(told);
        return this.answerDraft(told);
      }
      if (/\/threads\/state/.test(url)) {
        this.threadReads.push(url);
        return this.answerThreads();
      }
      this.requests.push({ url, init });
      return this.answer(url);
    });
    const api = new Api("/api/v1/", "token", () => undefined);
    const session = new Session({
      clock,
      random: () => 0.5,
      api,
      state,
      dispatch,
      onLook: (isAnew) => history.look(isAnew),
    });
    const later = new Later({ api, clock, dispatch });
    const arranging = new Arranging({ api, clock, dispatch });
    const reports = new Reports({ api, clock, state });
    const socket = new Socket({
      connect: () => {
        this.wires.push(new FakeWire());
        return this.wire();
      },
      clock,
      random: () => 0.5,
      isOnline: () => true,
      onLink: (link) => dispatch({ type: "local.link", link }),
      onHello: () => session.resume(),
      onFrames: (frames) => {
        session.receive(frames);
        later.hear(frames);
        threads.hear(frames);
        drafts.hear(frames, ME.id);
        arranging.hear(frames);
        reports.hear(frames);
      },
      onDown: () => {
        session.down();
        later.down();
        threads.down();
        drafts.down();
        arranging.down();
        reports.down();
      },
      onSignedOut: () => undefined,
    });
    const history = new History(socket, state, dispatch);
    draftTexts.value = new Map();
    const drafts = new Drafts({
      api,
      clock,
      user: ME.id,
      store: () => this.draftStore,
      get: () => draftTexts.peek(),
      set: (found) => {
        draftTexts.value = found;
      },
    });
    drafts.load();
    const threads = new Threads({ api, clock, socket, state, dispatch });
    let number = 0;
    const outbox = new Outbox({
      store: memoryStore(),
      clock,
      newId: () => `message-${++number}`,
      tab: "a",
      send: async ({ room, clientMessageId: client_message_id, body, parent }) =>
        (await socket.request("message.post", { room, client_message_id, body, parent })) as { seq: number },
      dispatch,
      tabs: { tell: () => undefined, listen: () => undefined },
      elect: (won) => {
        won();
        return () => undefined;
      },
    });
    session.attach(socket, outbox);
    const bell = new Bell({
      clock,
      state,
      isLookedAt: () => true,
      elect: () => () => undefined,
      tabs: { tell: () => undefined, listen: () => undefined },
    });
    const push = new Push(api, null, { isSupported: false } as PushBrowser);
    const uploads = new Uploads({
      clock,
      newKey: () => `file-${++number}`,
      send: () => ({ done: new Promise(() => undefined), stop: () => undefined }),
      describe: async () => undefined,
      discard: async () => undefined,
      giveUp: async () => undefined,
      kept: null,
      show: () => undefined,
      hide: () => undefined,
      onStored: () => undefined,
      pictureOf: () => "",
      letGo: () => undefined,
    });
    const signOut = async (): Promise<void> => undefined;
    this.actions = createActions({
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
    this.leave = (isForGood) => session.leave(isForGood);
    socket.start();
  }

  /** The page is out of sight, or goes. */
  leave: (isForGood: boolean) => void;

  wire(): FakeWire {
    return this.wires.at(-1)!;
  }

  room(): Room {
    return this.state.rooms.get(ROOM)!;
  }

  seqs(): number[] {
    return this.room().timeline.messages.map((message) => message.seq);
  }

  sentCount(type: string): number {
    return this.wire().sent.filter((frame) => frame.type === type).length;
  }

  /** Greet, answer the resume out of the model, and replay what is missing. */
  async greetAndResume(): Promise<void> {
    this.wire().greets();
    const cursor = (this.wire().last("resume").rooms as Record<string, number>)[ROOM];
    this.wire().accepts("resume", { ...this.server.resume(cursor) });
    const missed = cursor === undefined ? [] : this.server.after(cursor, 500);
    this.wire().says(...missed, { type: "synced" });
    await settled();
  }

  /** Answer the newest history.get out of the model. */
  async givePage(): Promise<void> {
    const asked = this.wire().last("history.get");
    const which = (["before", "after", "around"] as const).find((name) => name in asked) ?? "newest";
    const anchor = which === "newest" ? null : (asked[which] as number);
    const page = this.server.page(which, anchor, asked.limit as number);
    const reply = { items: page.items, has_before: page.hasBefore, has_after: page.hasAfter };
    this.wire().accepts("history.get", reply);
    await settled();
  }

  /** Open the room, with its newest page. */
  async enter(): Promise<void> {
    void this.actions.openRoom(ROOM);
    await this.greetAndResume();
    await this.givePage();
  }
}
