// Which pictures a room has, in which order, and how those that are not on the page come.
import { expect, test } from "vitest";
import type { Wanted } from "../../net/actions";
import type { Attachment, Message } from "../../protocol";
import { inOrder, PictureSearch } from "./roomPictures";

const picture = (id: number): Attachment =>
  ({ id, name: `${id}.png`, state: "ready", type: "image/png", thumbnail: "/t" }) as Attachment;
const said = (id: number, ...attachments: Attachment[]): Message =>
  ({ id, seq: id, deleted_at: null, attachments }) as unknown as Message;

test("pictures stand by their place in the room, each once, and those of deleted messages not at all", () => {
  const film = { ...picture(9), thumbnail: null, type: "video/mp4" };
  const gone = { ...said(2, picture(3)), deleted_at: "2026-01-01T00:00:00Z" } as Message;
  const found = inOrder([
    said(5, picture(7), film, picture(8)),
    gone,
    said(1, picture(2)),
    said(1, picture(2)),
  ]);
  expect(found.map((one) => [one.message?.id, one.picture.id])).toEqual([
    [1, 2],
    [5, 7],
    [5, 8],
  ]);
});

test("a search goes on where it was, over empty pages, to its end", async () => {
  const asked: [Wanted, string | null][] = [];
  const pages = [
    { items: [], next: "b", behind: false },
    { items: [{ message: said(4, picture(4)), excerpt: [], names: [] }], next: "c", behind: false },
    { items: [{ message: said(2, picture(1)), excerpt: [], names: [] }], next: null, behind: false },
  ];
  const search = new PictureSearch(
    {
      search: async (wanted, cursor) => {
        asked.push([wanted, cursor]);
        return pages[asked.length - 1]!;
      },
    },
    12,
  );
  expect(await search.more()).toBe(true);
  expect(search.found.map(({ id }) => id)).toEqual([4]);
  expect(await search.more()).toBe(true);
  expect([search.isDone, await search.more()]).toEqual([true, false]);
  expect(asked.map(([, cursor]) => cursor)).toEqual([null, "b", "c"]);
  expect(asked[0]![0]).toEqual({ q: "has:image", room: 12, sort: "newest" });
});

test("without an answer one walks through what is known", async () => {
  const search = new PictureSearch({ search: () => Promise.reject(new Error("away")) }, 12);
  expect(await search.more()).toBe(false);
  expect(search.isDone).toBe(true);
});
