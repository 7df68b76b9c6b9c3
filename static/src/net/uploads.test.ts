// Files on their way: few at once, repeated while that may help, described before they are used, gone when thrown away.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Attachment } from "../protocol";
import type { SentFile, Upload } from "../store/uploads";
import { ActionError, unreachable } from "./error";
import { FakeClock, settled } from "./fakes";
import type { FileStore, KeptFile } from "./file_store";
import { KeptFiles } from "./kept_files";
import { type Begun, PIECES_FROM_BYTES, Uploads } from "./uploads";

interface Call {
  file: File;
  alt: string;
  progress(sent: number): void;
  accept(id: number): Promise<void>;
  refuse(error: ActionError): Promise<void>;
  isStopped: boolean;
  begun: Begun;
}

/** What the browser keeps over a reload, without one. */
class MemoryFiles implements FileStore {
  readonly about = new Map<string, KeptFile>();
  readonly bytes = new Map<string, File>();
  all = async (): Promise<KeptFile[]> => [...this.about.values()];
  fileOf = async (key: string): Promise<File | null> => this.bytes.get(key) ?? null;
  change = async (kept: KeptFile): Promise<void> => void this.about.set(kept.key, kept);
  add = async (kept: KeptFile, file: File): Promise<void> => {
    this.about.set(kept.key, kept);
    this.bytes.set(kept.key, file);
  };
  drop = async (key: string): Promise<void> => {
    this.about.delete(key);
    this.bytes.delete(key);
  };
}

const clock = new FakeClock();
let calls: Call[];
let shown: Map<string, Upload>;
let stored: [string, number][];
let uploads: Uploads;
const describeThere = vi.fn(async () => undefined);
const discardThere = vi.fn(async () => undefined);
const giveUpThere = vi.fn(async () => undefined);
const letGo = vi.fn();
let browser: MemoryFiles;
let number = 0;

beforeEach(() => {
  browser = new MemoryFiles();
  number = 0;
  stored = [];
  for (const mock of [describeThere, discardThere, giveUpThere, letGo]) mock.mockClear();
  load();
});

/** The page begins, with nothing but what the browser has kept. */
function load(tab = "tab"): void {
  calls = [];
  shown = new Map();
  const kept = new KeptFiles(Promise.resolve(browser), tab, () => clock.now());
  uploads = new Uploads({
    clock,
    newKey: () => `key-${++number}`,
    send: (file, alt, progress, begun) => {
      let call: Call;
      const done = new Promise<Attachment>((resolve, reject) => {
        call = {
          file,
          alt,
          progress,
          begun,
          isStopped: false,
          accept: (id) => {
            resolve({ id } as Attachment);
            return settled();
          },
          refuse: (error) => {
            reject(error);
            return settled();
          },
        };
      });
      calls.push(call!);
      return { done, stop: () => Object.assign(call!, { isStopped: true }) };
    },
    describe: describeThere,
    discard: discardThere,
    giveUp: giveUpThere,
    kept,
    show: (upload) => shown.set(upload.key, upload),
    hide: (key) => shown.delete(key),
    onStored: (key, id) => stored.push([key, id]),
    pictureOf: (file) => `blob:${file.name}`,
    letGo,
  });
}

const add = (name = "a.txt", type = "text/plain"): string => uploads.add(new File(["12345"], name, { type }));
const sentOf = (key: string, upload: number | null = null): SentFile => ({
  key,
  name: "a.txt",
  type: "text/plain",
  bytes: 5,
  upload,
});
const statuses = (): string[] => [...shown.values()].map(({ status }) => status);

describe("an upload", () => {
  it("tells how far it is and what it has become", async () => {
    const key = add();
    calls[0]!.progress(3);
    expect(shown.get(key)).toMatchObject({ status: "sending", sent: 3, bytes: 5, upload: null });
    // The form around it is more than the file.
    calls[0]!.progress(300);
    expect(shown.get(key)?.sent).toBe(5);
    await calls[0]!.accept(7);
    expect(shown.get(key)).toMatchObject({ status: "stored", sent: 5, upload: 7 });
    expect(stored).toEqual([[key, 7]]);
  });

  it("goes with few others at once", async () => {
    for (let turn = 0; turn < 5; turn++) add();
    expect(statuses()).toEqual(["sending", "sending", "sending", "waiting", "waiting"]);
    await calls[0]!.accept(1);
    expect(calls.length).toBe(4);
  });

  it("is sent again while that may help, later each time", async () => {
    const key = add();
    await calls[0]!.refuse(unreachable());
    expect(shown.get(key)?.status).toBe("waiting");
    await clock.pass(499);
    expect(calls.length).toBe(1);
    await clock.pass(1);
    expect(calls.length).toBe(2);
    await calls[1]!.refuse(new ActionError("rate_limited", "", true, 5_000));
    await clock.pass(4_999);
    expect(calls.length).toBe(2);
    await clock.pass(1);
    expect(calls.length).toBe(3);
  });

  it("fails at last, and goes on when the person says so", async () => {
    const key = add();
    for (let turn = 0; turn < 6; turn++) {
      await calls[turn]!.refuse(unreachable());
      await clock.pass(20_000);
    }
    expect(calls.length).toBe(6);
    expect(shown.get(key)).toMatchObject({ status: "failed", error: { code: "network" } });
    uploads.retry(key);
    await calls[6]!.accept(9);
    expect(shown.get(key)).toMatchObject({ status: "stored", error: null });
  });

  it("that was refused is not sent again by itself", async () => {
    const key = add();
    await calls[0]!.refuse(new ActionError("full", "2 GB of 2 GB", false));
    await clock.pass(60_000);
    expect(calls.length).toBe(1);
    expect(shown.get(key)).toMatchObject({
      status: "failed",
      error: { code: "full", detail: "2 GB of 2 GB" },
    });
  });

  it("that is thrown away is thrown away on the server too", async () => {
    const [one, two] = [add(), add()];
    await calls[0]!.accept(7);
    uploads.cancel(one);
    uploads.cancel(two);
    expect(discardThere).toHaveBeenCalledExactlyOnceWith(7);
    expect(calls[1]!.isStopped).toBe(true);
    expect(shown.size).toBe(0);
    // It had arrived in the same moment.
    await calls[1]!.accept(8);
    expect(discardThere).toHaveBeenLastCalledWith(8);
    expect(stored.length).toBe(1);
  });

  it("of a picture is shown from here, and let go", () => {
    const key = add("cat.png", "image/png");
    expect(shown.get(key)?.picture).toBe("blob:cat.png");
    expect(shown.get(add("cat.svg", "image/svg+xml"))?.picture).toBeNull();
    uploads.cancel(key);
    expect(letGo).toHaveBeenCalledExactlyOnceWith("blob:cat.png");
  });
});

describe("a message", () => {
  it("waits for its files", async () => {
    const [one, two] = [add(), add()];
    const ids = uploads.idsOf([sentOf(one), sentOf(two)]);
    await calls[1]!.accept(8);
    await calls[0]!.accept(7);
    expect(await ids).toEqual([7, 8]);
    uploads.used([sentOf(one), sentOf(two)]);
    expect(shown.size).toBe(0);
    expect(discardThere).not.toHaveBeenCalled();
  });

  it("is told why one of them cannot come, and tries it again when it is sent again", async () => {
    const key = add();
    const first = expect(uploads.idsOf([sentOf(key)])).rejects.toMatchObject({ code: "full", retry: false });
    await calls[0]!.refuse(new ActionError("full", "", false));
    await first;
    const again = uploads.idsOf([sentOf(key)]);
    await calls[1]!.accept(7);
    expect(await again).toEqual([7]);
  });

  it("says of what a picture is before it names it", async () => {
    const key = add();
    await calls[0]!.accept(7);
    uploads.describe(key, "a cat");
    expect(await uploads.idsOf([sentOf(key)])).toEqual([7]);
    expect(describeThere).toHaveBeenCalledExactlyOnceWith(7, "a cat");
    await uploads.idsOf([sentOf(key)]);
    expect(describeThere).toHaveBeenCalledTimes(1);
  });

  it("after a reload has what was there and says what is lost", async () => {
    expect(await uploads.idsOf([sentOf("gone", 5)])).toEqual([5]);
    await expect(uploads.idsOf([sentOf("gone")])).rejects.toMatchObject({
      code: "upload_lost",
      detail: "a.txt",
      retry: false,
    });
  });

  it("after a reload says once more of what a picture is, and goes on where nobody hears it", async () => {
    const described = { ...sentOf("gone", 5), alt: "a cat" };
    expect(await uploads.idsOf([described])).toEqual([5]);
    expect(describeThere).toHaveBeenCalledExactlyOnceWith(5, "a cat");
    describeThere.mockRejectedValueOnce(new ActionError("not_found", "", false));
    expect(await uploads.idsOf([described])).toEqual([5]);
    describeThere.mockRejectedValueOnce(unreachable());
    await expect(uploads.idsOf([described])).rejects.toMatchObject({ code: "network", retry: true });
  });

  it("does not wait for what was thrown away", async () => {
    const key = add();
    const ids = uploads.idsOf([sentOf(key)]);
    uploads.cancel(key);
    await expect(ids).rejects.toMatchObject({ code: "upload_lost" });
  });
});

describe("a large file", () => {
  const large = (place: string | null = null): string => {
    const file = new File(["12345"], "film.mp4", { type: "video/mp4" });
    Object.defineProperty(file, "size", { value: PIECES_FROM_BYTES + 1 });
    return uploads.add(file, place);
  };

  it("pauses without its line, as long as that takes, and goes on from where it was", async () => {
    const key = large();
    calls[0]!.begun.set(31);
    calls[0]!.progress(4_000_000);
    for (let turn = 0; turn < 10; turn++) {
      await calls[turn]!.refuse(unreachable());
      expect(shown.get(key)).toMatchObject({ status: "paused", sent: 4_000_000 });
      await clock.pass(20_000);
    }
    expect(calls.at(-1)!.begun.id).toBe(31);
    await calls.at(-1)!.accept(31);
    expect(shown.get(key)?.status).toBe("stored");
  });

  it("goes on at once when the line is back", async () => {
    large();
    await calls[0]!.refuse(unreachable());
    for (let turn = 1; turn < 8; turn++) {
      await clock.pass(20_000);
      await calls[turn]!.refuse(unreachable());
    }
    expect(calls.length).toBe(8);
    uploads.wake();
    expect(calls.length).toBe(9);
  });

  it("that is thrown away half-way is thrown away on the server too", () => {
    const key = large();
    calls[0]!.begun.set(31);
    uploads.cancel(key);
    expect(calls[0]!.isStopped).toBe(true);
    expect(giveUpThere).toHaveBeenCalledExactlyOnceWith(31);
    expect(discardThere).not.toHaveBeenCalled();
  });
});

describe("after a reload", () => {
  it("what stood beside a text stands there again, and goes on", async () => {
    const [one, two] = [uploads.add(new File(["1"], "a.png", { type: "image/png" }), "5"), add()];
    uploads.describe(one, "a cat");
    calls[0]!.begun.set(31);
    await settled();
    load();
    expect(await uploads.restore()).toEqual([{ key: one, place: "5" }]);
    expect(shown.get(one)).toMatchObject({ name: "a.png", alt: "a cat", status: "sending" });
    expect(shown.has(two)).toBe(false);
    expect(calls[0]!.begun.id).toBe(31);
    await calls[0]!.accept(31);
    load();
    await uploads.restore();
    expect(shown.get(one)).toMatchObject({ status: "stored", upload: 31 });
    expect(calls).toEqual([]);
  });

  it("what a message has stands beside no text, and the message still gets it", async () => {
    const key = uploads.add(new File(["1"], "a.txt"), "5");
    uploads.taken([sentOf(key)]);
    await settled();
    load("another");
    expect(await uploads.restore()).toEqual([]);
    const ids = uploads.idsOf([sentOf(key)]);
    await settled();
    await calls[0]!.accept(7);
    expect(await ids).toEqual([7]);
    uploads.used([sentOf(key)]);
    await settled();
    expect([browser.about.size, browser.bytes.size]).toEqual([0, 0]);
  });

  it("another tab's files are its own, and those of yesterday are gone", async () => {
    uploads.add(new File(["1"], "a.txt"), "5");
    await settled();
    load("another");
    expect(await uploads.restore()).toEqual([]);
    load();
    await clock.pass(24 * 3_600_000);
    expect(await uploads.restore()).toEqual([]);
    await settled();
    expect(browser.bytes.size).toBe(0);
  });

  it("what was thrown away stays away", async () => {
    const key = uploads.add(new File(["1"], "a.txt"), "5");
    uploads.cancel(key);
    await settled();
    load();
    expect(await uploads.restore()).toEqual([]);
  });
});
