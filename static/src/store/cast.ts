// Test only: a state that has a room in it, and the short words for looking at it.
import type { Change, Message } from "../protocol";
import { apply, type Input } from "./apply";
import { ME, ModelServer, ROOM } from "./model_server";
import { emptyState, type Pending, type Room, type State } from "./state";

export const run = (state: State, ...inputs: Input[]): State =>
  inputs.reduce((before, input) => apply(before, input, 0), state);
export const posts = (count: number, by = 1) =>
  Array.from({ length: count }, () => ({ kind: "post" as const, by, names: false }));
export const room = (state: State): Room => state.rooms.get(ROOM)!;
export const seqs = (state: State): number[] => room(state).timeline.messages.map((message) => message.seq);

export const opened = (server: ModelServer): State =>
  run(
    emptyState(ME),
    { type: "local.resumed", result: server.resume(undefined) },
    { type: "synced" },
    { type: "local.entered", room: ROOM },
    { type: "local.loading", room: ROOM, which: "newest" },
    server.page("newest", null, 50),
  );

export const posted = (seq: number, fields: Partial<Message> = {}): Change => {
  const server = new ModelServer(posts(seq));
  const change = server.after(seq - 1, 1)[0]!;
  return { ...change, message: { ...("message" in change ? change.message : never()), ...fields } } as Change;
};
const never = (): never => {
  throw new Error("no message");
};

export const waiting = (clientMessageId: string): Pending => ({
  clientMessageId,
  room: ROOM,
  body: "hi",
  parent: null,
  files: [],
  createdAt: 1,
  status: "waiting",
  error: null,
  storedSeq: null,
});
