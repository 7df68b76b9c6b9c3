// A room as the server keeps it, in twenty lines of arithmetic: what the store's laws are checked against.
import fc from "fast-check";
import type { Attachment, Change, Me, Message, Preview, RoomState, User } from "../protocol";
import type { Page, PageKind, ResumeResult } from "./inputs";

export const ROOM = 12;

const person = (id: number, handle: string): User => ({
  id,
  handle,
  name: handle,
  avatar: null,
  is_bot: false,
  status: "offline",
  doing: null,
});

export const ME: Me = {
  ...person(1, "alice"),
  role: "owner",
  email: "",
  language: "en",
  time_zone: "UTC",
  hides_reading: false,
};
export const BOB: User = person(2, "bob");
export const CAROL: User = person(3, "carol");
const PEOPLE: User[] = [person(1, "alice"), BOB, CAROL];

/** What people do; `pick` chooses among the messages there are. */
export type Deed =
  | { kind: "post"; by: number; names: boolean }
  | { kind: "reply"; by: number; pick: number }
  | { kind: "edit"; pick: number; names: boolean }
  | { kind: "delete"; pick: number }
  | { kind: "expire"; pick: number }
  | { kind: "react"; by: number; pick: number }
  | { kind: "preview"; pick: number }
  | { kind: "unpreview"; pick: number }
  | { kind: "ready"; pick: number }
  | { kind: "rename"; to: string }
  | { kind: "switch" }
  | { kind: "come" }
  | { kind: "go" }
  | { kind: "read"; pick: number };

const by = fc.constantFrom(0, 1, 1, 1, 2);
const pick = fc.nat({ max: 1_000 });
export const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("post" as const), by, names: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reply" as const), by, pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("edit" as const), pick, names: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("expire" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("react" as const), by, pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("preview" as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("unpreview" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("ready" as const), pick }) },
  { weight: 1, arbitrary: fc.constant<Deed>({ kind: "switch" }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("rename" as const), to: fc.constantFrom("a", "b", "c") }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Deed>({ kind: "come" }, { kind: "go" }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("read" as const), pick }) },
);

const previewOf = (number: number): Preview => ({
  url: `https://site.example.com/${number}`,
  title: "Title",
  description: "",
  site: "Site",
  image: null,
  image_width: null,
  image_height: null,
});

/** Every third message comes with a picture. */
const picturesOf = (seq: number): Attachment[] => {
  if (seq % 3 !== 0) return [];
  const url = `/api/v1/attachments/${seq}`;
  const file = { id: seq, name: "a.png", type: "image/png", bytes: 9, url, alt: "" };
  return [{ ...file, state: "waiting", width: null, height: null, thumbnail: null }];
};

interface Row {
  kind: Change["type"];
  seq: number;
  message?: number;
  emoji?: string;
  by?: number;
  gone?: number[];
  attachment?: number;
}

export class ModelServer {
  lastSeq = 0;
  private readonly log: Row[] = [];
  private messages: Message[] = [];
  private name = "general";
  private previews = true;
  private lastMsgNo = 0;
  private lastAt: string | null = null;
  /** The log begins after it. */
  expiredSeq = 0;
  private read = 0;
  private isCarolIn = false;

  constructor(deeds: Deed[]) {
    this.doAll(deeds);
  }

  /** Carry deeds out; returns how far I have read after each read. */
  doAll(deeds: Deed[]): number[] {
    return deeds.flatMap((one) => this.carryOut(one));
  }

  get lastMessageSeq(): number | undefined {
    return this.messages.at(-1)?.seq;
  }

  roomState(): RoomState {
    const unread = this.messages.filter((item) => item.msg_no !== null && item.msg_no > this.read);
    return {
      id: ROOM,
      slug: "general",
      name: this.name,
      topic: "",
      kind: "open",
      epoch: "e",
      last_seq: this.lastSeq,
      last_msg_no: this.lastMsgNo,
      read_msg_no: this.read,
      read_backs: 0,
      unread: this.lastMsgNo - this.read,
      mentions: unread.filter((item) => item.deleted_at === null && isForMe(item)).length,
      role: "owner",
      level: "all",
      members: this.isCarolIn ? 3 : 2,
      peers: [],
      archived: false,
      last_at: this.lastAt,
      muted_until: null,
      previews: this.previews,
      posting: "everyone",
      slow_s: 0,
      slow_until: null,
      calls: "auto",
      seen: true,
      named: true,
    };
  }

  resume(cursor: number | undefined): ResumeResult {
    const isOutside = cursor !== undefined && (cursor > this.lastSeq || cursor < this.expiredSeq);
    return { epoch: "e", rooms: [this.roomState()], users: PEOPLE, reset: isOutside ? [ROOM] : [] };
  }

  /** Changes after a seq, with everything in them as it is now. */
  after(seq: number, limit: number): Change[] {
    return this.log
      .filter((row) => row.seq > seq)
      .slice(0, limit)
      .map((row) => this.change(row));
  }

  page(which: PageKind, anchor: number | null, limit: number): Page {
    const all = this.messages.map((item) => this.shape(item));
    const at = all.findIndex((item) => item.seq >= (anchor ?? 0));
    const from = anchor === null || at < 0 ? all.length : at;
    const after = all.findIndex((item) => item.seq > (anchor ?? 0));
    const [low, high] = {
      newest: [all.length - limit, all.length],
      before: [from - limit, from],
      after: after < 0 ? [all.length, all.length] : [after, after + limit],
      around: [from - (limit >> 1), from + limit - (limit >> 1)],
    }[which] as [number, number];
    const items = all.slice(Math.max(0, low), high);
    return {
      type: "local.page",
      room: ROOM,
      which,
      anchor,
      items,
      hasBefore: low > 0,
      hasAfter: high < all.length,
    };
  }

  /** What a run from the same first to the same last message must hold. */
  run(shown: readonly Message[], hasAfter: boolean): Message[] {
    if (shown.length === 0) return [];
    const [first, last] = [shown[0]!.seq, shown.at(-1)!.seq];
    const found = this.messages.filter((item) => item.seq >= first && item.seq <= last);
    // In the middle of the history the number of replies is the best known one.
    return found.map((item, at) => ({
      ...this.shape(item),
      reply_count: hasAfter ? (shown[at]?.reply_count ?? -1) : this.shape(item).reply_count,
    }));
  }

  private carryOut(one: Deed): number[] {
    if (one.kind === "post") this.post(PEOPLE[one.by]!, null, one.names);
    else if (one.kind === "rename") {
      this.name = one.to;
      this.write({ kind: "room.changed" });
    } else if (one.kind === "switch") {
      this.previews = !this.previews;
      this.write({ kind: "room.changed" });
    } else if (one.kind === "come" || one.kind === "go") {
      if (this.isCarolIn === (one.kind === "come")) return [];
      this.isCarolIn = one.kind === "come";
      this.write({ kind: this.isCarolIn ? "member.joined" : "member.left" });
    } else if (one.kind === "read") {
      const msgNo = one.pick % (this.lastMsgNo + 1);
      this.read = Math.max(this.read, msgNo);
      return [msgNo];
    } else if (one.kind === "expire") this.expire(one.pick);
    else this.touch(one);
    return [];
  }

  /** Threads that begin and end in the older part of the room go, each as a whole. */
  private expire(pick: number): void {
    const through = this.messages[pick % Math.max(1, this.messages.length)]?.seq ?? 0;
    const living = new Set(this.messages.filter((item) => item.seq > through).map((item) => item.parent));
    const isGone = (item: Message) => item.seq <= through && !living.has(item.parent ?? item.id);
    const gone = this.messages.filter(isGone).map((item) => item.id);
    if (gone.length === 0) return;
    this.expiredSeq = through;
    this.messages = this.messages.filter((item) => !isGone(item));
    this.write({ kind: "message.expired", gone });
  }

  private touch(
    one: Extract<Deed, { kind: "reply" | "edit" | "delete" | "react" | "preview" | "unpreview" | "ready" }>,
  ): void {
    const there = this.messages.filter((item) => item.deleted_at === null);
    const item = there[one.pick % Math.max(1, there.length)];
    if (!item) return;
    if (one.kind === "reply") this.post(PEOPLE[one.by]!, item.parent ?? item.id, false);
    else if (one.kind === "edit") {
      Object.assign(item, { body: `${item.body}!`, edited_at: "t", calls: [] }, namesIn(item.seq, one.names));
      this.write({ kind: "message.edited", message: item.id });
    } else if (one.kind === "delete") {
      Object.assign(item, {
        body: "",
        deleted_at: "t",
        mentions: [],
        calls: [],
        reactions: [],
        previews: [],
        attachments: [],
      });
      this.write({ kind: "message.deleted", message: item.id });
    } else if (one.kind === "preview") {
      item.previews = [...item.previews, previewOf(item.previews.length)];
      this.write({ kind: "preview.attached", message: item.id });
    } else if (one.kind === "ready") {
      const file = item.attachments.find(({ state }) => state === "waiting");
      if (!file) return;
      const shown = {
        ...file,
        state: "ready" as const,
        width: 4,
        height: 3,
        thumbnail: `${file.url}/thumbnail`,
      };
      item.attachments = item.attachments.map((other) => (other === file ? shown : other));
      this.write({ kind: "attachment.ready", message: item.id, attachment: file.id });
    } else if (one.kind === "unpreview") {
      if (item.previews.length === 0) return;
      item.previews = item.previews.slice(1);
      this.write({ kind: "preview.removed", message: item.id });
    } else {
      const user = PEOPLE[one.by]!.id;
      if (item.reactions.some((reaction) => reaction.users.includes(user))) return;
      const users = [...(item.reactions[0]?.users ?? []), user];
      item.reactions = [{ emoji: "👍", users }];
      this.write({ kind: "reaction.added", message: item.id, emoji: "👍", by: user });
    }
  }

  private post(sender: User, parent: number | null, names: boolean): void {
    const seq = this.lastSeq + 1;
    const msgNo = parent === null ? ++this.lastMsgNo : null;
    const { status: _, ...who } = sender;
    this.messages.push({
      id: 1_000 + seq, room: ROOM, seq, msg_no: msgNo, sender: who, body: `message ${seq}`, html: null, parent,
      attachments: picturesOf(seq), previews: [], reactions: [], ...namesIn(seq, names), at: `at ${seq}`,
      edited_at: null, deleted_at: null, client_message_id: null, reply_count: 0,
    }); // biome-ignore format: a message is one thing
    this.lastAt = `at ${seq}`;
    if (sender.id === ME.id && msgNo !== null) this.read = msgNo;
    this.write({ kind: "message.posted", message: 1_000 + seq });
  }

  private write(row: Omit<Row, "seq">): void {
    this.lastSeq += 1;
    this.log.push({ ...row, seq: this.lastSeq });
  }

  private shape(item: Message): Message {
    const replies = this.messages.filter((other) => other.parent === item.id && other.deleted_at === null);
    return {
      ...item,
      reactions: [...item.reactions],
      mentions: [...item.mentions],
      previews: [...item.previews],
      attachments: [...item.attachments],
      reply_count: replies.length,
    };
  }

  private change(row: Row): Change {
    const { kind, seq } = row;
    const place = { room: ROOM, seq, at: `at ${seq}` };
    const found = this.messages.find((item) => item.id === row.message);
    if (found) {
      const extra = row.emoji
        ? { user: row.by, emoji: row.emoji }
        : row.attachment
          ? { attachment: row.attachment }
          : {};
      return { type: kind, ...place, message: this.shape(found), ...extra } as Change;
    }
    if (row.gone ?? row.message) {
      return { type: "message.expired", ...place, messages: row.gone ?? [row.message] } as Change;
    }
    if (kind === "room.changed") {
      const fields = {
        name: this.name,
        topic: "",
        slug: "general",
        kind: "open",
        archived: false,
        deleted: false,
        previews: this.previews,
        posting: "everyone",
        slow_s: 0,
        calls: "auto",
        seen: true,
      };
      return { type: kind, ...place, fields, by: 1 } as Change;
    }
    return {
      type: kind,
      ...place,
      user: CAROL,
      role: "member",
      by: null,
      members: this.isCarolIn ? 3 : 2,
    } as Change;
  }
}

/** How a message tells me: by my name, by calling the room, or by calling some of whom I am one. */
function namesIn(seq: number, names: boolean): Pick<Message, "mentions" | "calls"> {
  if (!names) return { mentions: [] };
  if (seq % 3 === 0) return { mentions: [ME.id] };
  const isRoom = seq % 3 === 1;
  return {
    mentions: [],
    calls: [{ kind: isRoom ? "room" : "here", group: null, users: isRoom ? [] : [ME.id] }],
  };
}

function isForMe({ mentions, calls, sender }: Message): boolean {
  const isCalled = sender.id !== ME.id && (calls ?? []).length > 0;
  return mentions.includes(ME.id) || isCalled;
}
