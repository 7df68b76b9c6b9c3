// Joins socket, store and outbox: resumes, fills holes, asks again for what cannot be derived.
import { type Change, LIMITS, type RoomState, type ServerFrame } from "../protocol";
import type { Input, ResumeResult } from "../store/inputs";
import { behindOf, cursors } from "../store/rooms";
import type { State } from "../store/state";
import type { Api } from "./api";
import { type Clock, Deadlines } from "./clock";
import type { ActionError } from "./error";
import { Marks } from "./marks";
import { BACK_MS, type Outbox } from "./outbox";
import type { Socket } from "./socket";

/** How long a hole may hold later changes back before it is read. */
const HOLE_MS = 2_000;
const ASK_MS = 300;
const ASK_AGAIN_MS = 5_000;
const ASK_MAX_COUNT = 20;
const RESUME_AGAIN_MS = 1_000;

export interface SessionOptions {
  clock: Clock;
  random(): number;
  api: Api;
  state(): State;
  dispatch(...inputs: Input[]): void;
  /** Something changed: what the screen needs and has not can be loaded. `isAnew`: after a new connection. */
  onLook(isAnew: boolean): void;
}

export class Session {
  private socket!: Socket;
  private outbox!: Outbox;
  private readonly deadlines: Deadlines;
  private readonly marks: Marks;

  constructor(private readonly options: SessionOptions) {
    this.deadlines = new Deadlines(options.clock);
    this.marks = new Marks(options.clock, options.api);
  }

  /** Wire up; the two need this object's callbacks first. */
  attach(socket: Socket, outbox: Outbox): void {
    this.socket = socket;
    this.outbox = outbox;
    this.marks.attach(socket);
  }

  /** The server has greeted. */
  resume(): void {
    const state = this.options.state();
    const rooms = cursors(state, LIMITS.RESUME_ROOMS_MAX_COUNT);
    this.socket.ask(
      "resume",
      { epoch: state.epoch, rooms },
      {
        resolve: (result) => {
          this.options.dispatch({ type: "local.resumed", result: result as ResumeResult });
          this.socket.ready();
          this.marks.open();
          this.outbox.open();
        },
        reject: (error) => this.resumeLater(error),
      },
    );
  }

  /** Frames in the order of the wire. */
  receive(frames: ServerFrame[]): void {
    this.options.dispatch(...frames);
    const me = this.options.state().me.id;
    for (const frame of frames) {
      if (
        frame.type === "message.posted" &&
        frame.message.sender.id === me &&
        frame.message.client_message_id
      ) {
        this.outbox.settled(frame.message.client_message_id, frame.message.seq);
      } else if (frame.type === "synced") {
        // Not before: the replay may show that some of it is stored already.
        this.outbox.open();
        this.options.onLook(true);
      } else if (frame.type === "hello" || frame.type === "degraded") {
        this.lookForStore();
      }
    }
    this.look();
  }

  /** The connection is gone. */
  down(): void {
    this.outbox.close();
    this.marks.close();
    for (const name of ["hole", "ask", "resume"]) this.deadlines.clear(name);
  }

  /** Read up to a message: shown at once, told to the server at once too, then at most once a second. */
  markRead(room: number, msgNo: number): void {
    const known = this.options.state().rooms.get(room);
    if (!known || msgNo <= known.state.read_msg_no) return;
    this.options.dispatch({ type: "local.read", room, msgNo });
    this.marks.note(room, msgNo, known.state.read_backs);
    this.look();
  }

  /** Have all after a message unread again; what was read here and not yet told goes before, so that it counts. */
  async markUnread(room: number, msgNo: number): Promise<void> {
    const known = this.options.state().rooms.get(room);
    if (!known) return;
    const { read_msg_no, read_backs: backs } = known.state;
    this.marks.forget(room);
    const [, result] = await Promise.all([
      this.socket.request("read.mark", { room, msg_no: read_msg_no, backs }),
      this.socket.request("read.back", { room, msg_no: msgNo, backs }),
    ]);
    const told = result as { msg_no: number; backs: number };
    this.options.dispatch({ type: "read", room, ...told });
    this.look();
  }

  /** The page is out of sight or goes: tell what is not told yet. */
  leave(isForGood: boolean): void {
    if (isForGood) this.marks.flushForGood();
    else this.marks.flush();
  }

  /** See what is missing or about to expire, and set the deadlines for it. */
  look(): void {
    this.options.onLook(false);
    const state = this.options.state();
    if (state.synced && behindOf(state.rooms) > 0 && !this.deadlines.has("hole")) {
      const before = new Map([...state.rooms].map(([id, room]) => [id, room.cursor]));
      this.deadlines.set("hole", HOLE_MS, () => void this.fill(before));
    }
    if (state.synced && state.ask.size > 0 && !this.deadlines.has("ask")) {
      this.deadlines.set("ask", ASK_MS, () => void this.ask());
    }
    const typing = [...state.rooms.values()].flatMap((room) => [...room.typing.values()]);
    if (typing.length > 0 && !this.deadlines.has("typing")) {
      this.deadlines.set("typing", Math.min(...typing) - this.options.clock.now(), () => {
        this.options.dispatch({ type: "local.tick" });
        this.look();
      });
    }
  }

  /** Read the changes that rooms have been waiting for since `before`. */
  private async fill(before: ReadonlyMap<number, number>): Promise<void> {
    for (const [id, cursor] of before) {
      const room = this.options.state().rooms.get(id);
      if (room && room.cursor === cursor && room.state.last_seq > cursor && !(await this.fillRoom(id)))
        return;
    }
    this.look();
  }

  /** False when the connection has to be taken up anew, because the log does not tell what is missing. */
  private async fillRoom(id: number): Promise<boolean> {
    for (;;) {
      const room = this.options.state().rooms.get(id);
      if (!room || room.cursor >= room.state.last_seq) return true;
      let items: Change[];
      try {
        const fields = { room: id, after: room.cursor, limit: LIMITS.CHANGES_LIMIT_MAX };
        ({ items } = (await this.socket.request("changes.get", fields)) as { items: Change[] });
      } catch (error) {
        if ((error as ActionError).code === "not_found")
          this.options.dispatch({ type: "room.closed", room: id });
        return true; // asked again at the next look, or by the next resume
      }
      this.receive(items);
      const now = this.options.state().rooms.get(id);
      if (now && now.cursor === room.cursor) {
        this.socket.reconnect();
        return false;
      }
    }
  }

  /** Read the states of rooms that cannot be derived here. */
  private async ask(): Promise<void> {
    for (const id of [...this.options.state().ask].slice(0, ASK_MAX_COUNT)) {
      try {
        const room = await this.options.api.get<RoomState>(`rooms/${id}`);
        this.options.dispatch({ type: "local.room", room });
      } catch (error) {
        if ((error as ActionError).retry) break;
        this.options.dispatch({ type: "local.stranger", room: id });
      }
    }
    if (this.options.state().ask.size > 0) this.deadlines.set("ask", ASK_AGAIN_MS, () => void this.ask());
    else this.look();
  }

  /** When the server can store, nobody waits any longer for that. */
  private lookForStore(): void {
    if (this.options.state().degraded.includes("db")) return;
    this.outbox.storeIsBack(this.options.random());
    if (this.deadlines.has("resume"))
      this.deadlines.set("resume", this.options.random() * BACK_MS, () => this.resume());
  }

  private resumeLater(error: ActionError): void {
    // No answer at all, or one that repeating will not change: another connection, unless there is none already.
    if (error.code === "network" || !error.retry) this.socket.reconnect();
    else this.deadlines.set("resume", error.afterMs ?? RESUME_AGAIN_MS, () => this.resume());
  }
}
