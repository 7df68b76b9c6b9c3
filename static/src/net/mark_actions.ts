// What the screen may do with messages beyond writing them: pin, save, pass on, go back to.
import type { Message } from "../protocol";
import type { Api } from "./api";
import type { ActionError } from "./error";
import type { Later } from "./later";
import type { Session } from "./session";
import type { Socket } from "./socket";

/** An earlier text of a message, and until when it stood. */
export interface Version {
  body: string;
  until: string;
}

export interface VersionPage {
  items: Version[];
  next: string | null;
}

export interface SavedRow {
  message: Message;
  saved_at: string;
  done_at: string | null;
}

export interface SavedPage {
  items: SavedRow[];
  next: string | null;
}

/** One message on its way to one place; the same for all tries. */
export interface Forward {
  room: number;
  message: number;
  body: string;
  clientMessageId: string;
}

export interface MarkActions {
  pin(message: number): Promise<void>;
  unpin(message: number): Promise<void>;
  /** All that is pinned in a room, the latest first. */
  pins(room: number): Promise<Message[]>;
  versions(message: number, cursor: string | null): Promise<VersionPage>;
  /** What comes after a message is unread again, on all devices. */
  markUnread(room: number, msgNo: number): Promise<void>;
  save(message: number, isDone?: boolean): Promise<void>;
  unsave(message: number): Promise<void>;
  saved(isDone: boolean, cursor: string | null): Promise<SavedPage>;
  /** Show a message in another place; resolves when it is stored there. */
  forward(order: Forward): Promise<void>;
}

interface Parts {
  api: Api;
  later: Later;
  session: Session;
  socket: Socket;
}

const SAVED_COUNT = 30;

export function createMarkActions({ api, later, session, socket }: Parts): MarkActions {
  const thenSaved = async (done: Promise<unknown>): Promise<void> => {
    try {
      await done;
    } finally {
      // Also after a failure: the list here is old.
      await later.read("saved");
    }
  };
  return {
    pin: async (message) => void (await socket.request("message.pin", { message })),
    unpin: async (message) => void (await socket.request("message.unpin", { message })),
    pins: (room) => api.all<Message>(`rooms/${room}/pins`, {}, 100),
    versions: (message, cursor) =>
      api.get<VersionPage>(`messages/${message}/versions`, { cursor: cursor ?? undefined }),
    markUnread: (room, msgNo) => session.markUnread(room, msgNo),
    save: (message, isDone = false) => thenSaved(api.put(`saved/${message}`, { is_done: isDone })),
    unsave: (message) => thenSaved(api.delete(`saved/${message}`).catch(unlessGone)),
    saved: (isDone, cursor) =>
      api.get<SavedPage>("saved", { done: String(isDone), limit: SAVED_COUNT, cursor: cursor ?? undefined }),
    forward: async ({ clientMessageId: client_message_id, message: quote, ...order }) =>
      void (await socket.request("message.post", { ...order, client_message_id, quote })),
  };
}

/** What is not there need not be taken away. */
function unlessGone(error: ActionError): void {
  if (error.code !== "not_found") throw error;
}
