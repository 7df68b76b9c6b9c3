// How far I have read, as the server is told: at once, then at most once a second, and before the page goes.
import type { Api } from "./api";
import { type Clock, Deadlines } from "./clock";
import type { ActionError } from "./error";
import type { Socket } from "./socket";

const EVERY_MS = 1_000;
/** Rooms told of in that time: whoever marks a hundred as read at once stays within what a connection may send. */
const ROOMS_AT_ONCE_COUNT = 8;

interface Mark {
  msgNo: number;
  /** How often the mark had been put back when this was read: said later, it does not undo that. */
  backs: number;
  /** The highest that is on its way, so that nothing is said twice. */
  saying: number;
}

export class Marks {
  private socket!: Pick<Socket, "request">;
  /** What the server has not confirmed, by room. */
  private readonly waiting = new Map<number, Mark>();
  private readonly deadlines: Deadlines;
  private isOpen = false;

  constructor(
    clock: Clock,
    private readonly api: Api,
  ) {
    this.deadlines = new Deadlines(clock);
  }

  attach(socket: Pick<Socket, "request">): void {
    this.socket = socket;
  }

  /** The connection is up: what the one before may have lost is told again. */
  open(): void {
    this.isOpen = true;
    for (const mark of this.waiting.values()) mark.saying = 0;
    this.send();
  }

  close(): void {
    this.isOpen = false;
    this.deadlines.clearAll();
  }

  /** Read up to a message; the highest wins, among those after the last time that the mark was put back. */
  note(room: number, msgNo: number, backs: number): void {
    const known = this.waiting.get(room);
    const isSame = known?.backs === backs;
    if (known && (known.backs > backs || (isSame && known.msgNo >= msgNo))) return;
    this.waiting.set(room, { msgNo, backs, saying: isSame ? known.saying : 0 });
    if (this.isOpen && !this.deadlines.has("next")) this.send();
  }

  /** The mark is put back: what waits to be said is told with that. */
  forget(room: number): void {
    this.waiting.delete(room);
  }

  /** The page may go at any moment: by the connection if there is one, else by a request that outlives the page. */
  flush(): void {
    if (this.isOpen) this.send();
    else this.flushForGood();
  }

  /** The page goes, and takes its connection along. */
  flushForGood(): void {
    for (const [room, mark] of this.waiting) this.sayByRequest(room, mark);
  }

  private send(): void {
    this.deadlines.clear("next");
    const unsaid = [...this.waiting].filter(([, mark]) => mark.saying < mark.msgNo);
    for (const [room, mark] of unsaid.slice(0, ROOMS_AT_ONCE_COUNT)) this.say(room, mark);
  }

  private say(room: number, mark: Mark): void {
    const { msgNo, backs } = mark;
    mark.saying = msgNo;
    // While this waits, what is read meanwhile is gathered.
    this.deadlines.set("next", EVERY_MS, () => this.send());
    this.socket.request("read.mark", { room, msg_no: msgNo, backs }).then(
      () => this.said(room, msgNo, backs),
      (error: ActionError) => this.failed(room, msgNo, backs, error),
    );
  }

  private failed(room: number, msgNo: number, backs: number, error: ActionError): void {
    const mark = this.waiting.get(room);
    if (mark?.backs !== backs) return;
    if (!error.retry) this.said(room, msgNo, backs);
    else if (mark.saying === msgNo) mark.saying = 0;
    if (!this.isOpen) return; // goes out with the next connection
    this.deadlines.set("next", Math.max(EVERY_MS, error.afterMs ?? 0), () => this.send());
  }

  private said(room: number, msgNo: number, backs: number): void {
    const mark = this.waiting.get(room);
    if (mark?.backs === backs && mark.msgNo <= msgNo) this.waiting.delete(room);
  }

  private sayByRequest(room: number, { msgNo, backs }: Mark): void {
    // The highest wins, so it does no harm that the connection may say it again.
    this.api.post(`rooms/${room}/read`, { msg_no: msgNo, backs }).then(
      () => this.said(room, msgNo, backs),
      () => undefined,
    );
  }
}
