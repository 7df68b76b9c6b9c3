// Files that go to the server before the message that names them: a few at once, repeated while that may help, large
// ones from where they were.
import type { Attachment } from "../protocol";
import type { SentFile, Upload } from "../store/uploads";
import { type Clock, Deadlines } from "./clock";
import { ActionError, errorOf } from "./error";
import type { Found, KeptFiles } from "./kept_files";

/** The server takes four of a person at once; one place is left for another tab. */
const AT_ONCE_COUNT = 3;
const TRIES_MAX_COUNT = 6;
const RETRY_LEAST_MS = 500;
const RETRY_MOST_MS = 20_000;
/** What a browser shows by itself, and what is small enough to be shown twice. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** From here on a file goes in pieces. */
export const PIECES_FROM_BYTES = 5 * 1024 * 1024;

/** What the server calls an upload that has begun and is not there as a whole. */
export interface Begun {
  readonly id: number | null;
  set(id: number | null): void;
}

/** A request under way; `stop` ends it. */
export interface Sending {
  done: Promise<Attachment>;
  stop(): void;
}

export interface UploadsOptions {
  clock: Clock;
  newKey(): string;
  send(file: File, alt: string, onProgress: (sent: number) => void, begun: Begun): Sending;
  describe(upload: number, alt: string): Promise<unknown>;
  discard(upload: number): Promise<unknown>;
  /** Throw away what has come of one that is not there as a whole. */
  giveUp(upload: number): Promise<unknown>;
  kept: KeptFiles | null;
  show(upload: Upload): void;
  hide(key: string): void;
  /** An upload is on the server: whoever waits for it need not send it again after a reload. */
  onStored(key: string, upload: number): void;
  pictureOf(file: File): string;
  letGo(picture: string): void;
}

interface Job {
  file: File;
  shown: Upload;
  begun: number | null;
  /** What the server knows. */
  altThere: string;
  tries: number;
  sending: Sending | null;
  waiters: { resolve(id: number): void; reject(error: ActionError): void }[];
}

export class Uploads {
  private readonly jobs = new Map<string, Job>();
  private readonly deadlines: Deadlines;

  constructor(private readonly options: UploadsOptions) {
    this.deadlines = new Deadlines(options.clock);
  }

  /** Take a file and begin; returns the name under which it is known here. */
  add(file: File, place: string | null = null): string {
    const key = this.options.newKey();
    this.options.kept?.add(key, place, file);
    this.begin(key, file);
    this.next();
    return key;
  }

  /** Take up what this tab had beside its texts before it was loaded anew; returns key and place of each. */
  async restore(): Promise<{ key: string; place: string }[]> {
    const found = (await this.options.kept?.before()) ?? [];
    const fresh = found.filter(({ kept }) => !this.jobs.has(kept.key));
    for (const one of fresh) this.adopt(one);
    this.next();
    return fresh.map(({ kept: { key, place } }) => ({ key, place: place! }));
  }

  /** A message has these now: they stand beside no text any more. */
  taken(files: readonly SentFile[]): void {
    for (const { key } of files) this.options.kept?.change(key, { place: null });
  }

  /** The line is back: what was paused goes on. */
  wake(): void {
    for (const { shown } of this.jobs.values())
      if (shown.status === "paused") this.deadlines.clear(shown.key);
    this.next();
  }

  private adopt({ kept: { key, alt, upload, begun }, file }: Found): Job {
    const job = this.begin(key, file);
    job.begun = begun;
    job.altThere = alt;
    this.show(job, upload === null ? { alt } : { alt, upload, status: "stored", sent: file.size });
    return job;
  }

  private begin(key: string, file: File): Job {
    const { name, type, size: bytes } = file;
    const picture = SHOWN.has(type) ? this.options.pictureOf(file) : null;
    const shown: Upload = {
      key,
      name,
      type,
      bytes,
      sent: 0,
      status: "waiting",
      upload: null,
      error: null,
      alt: "",
      picture,
    };
    const job = { file, shown, begun: null, altThere: "", tries: 0, sending: null, waiters: [] };
    this.jobs.set(key, job);
    this.options.show(shown);
    return job;
  }

  /** Begin a failed one anew. */
  retry(key: string): void {
    const job = this.jobs.get(key);
    if (job?.shown.status !== "failed") return;
    job.tries = 0;
    this.show(job, { status: "waiting", error: null, sent: 0 });
    this.next();
  }

  /** Say in words what is to be seen; it reaches the server before the message does. */
  describe(key: string, alt: string): void {
    const job = this.jobs.get(key);
    if (!job) return;
    this.show(job, { alt });
    this.options.kept?.change(key, { alt });
  }

  /** Throw an upload away, here and on the server. */
  cancel(key: string): void {
    const job = this.forget(key);
    job?.sending?.stop();
    for (const { reject } of job?.waiters ?? []) reject(lost(job!.shown.name));
    // What the server does not hear of it throws away by itself after a day.
    if (job && job.shown.upload !== null) this.options.discard(job.shown.upload).catch(() => undefined);
    else if (job && job.begun !== null) this.options.giveUp(job.begun).catch(() => undefined);
    this.next();
  }

  /** The message with these is stored: nothing of them is needed any longer. */
  used(files: readonly SentFile[]): void {
    for (const { key } of files) this.forget(key);
  }

  /** The ids of the files of a message, when all of them are on the server. Rejects with an ActionError. */
  idsOf(files: readonly SentFile[]): Promise<number[]> {
    return Promise.all(files.map((file) => this.idOf(file)));
  }

  private async idOf({ key, name, upload, alt: said = "" }: SentFile): Promise<number> {
    let job = this.jobs.get(key);
    if (!job && upload === null) {
      // The page was loaded anew since: what was kept of the file goes on.
      const found = await this.options.kept?.find(key);
      job = this.jobs.get(key) ?? (found ? this.adopt(found) : undefined);
      this.next();
    }
    if (!job) {
      // What could not be kept is no longer here.
      if (upload === null) throw lost(name);
      if (said !== "") await this.describeAgain(upload, said);
      return upload;
    }
    if (job.shown.status === "failed") this.retry(key);
    const id =
      job.shown.upload ??
      (await new Promise<number>((resolve, reject) => job.waiters.push({ resolve, reject })));
    if (job.altThere !== job.shown.alt) {
      const { alt } = job.shown;
      await this.options.describe(id, alt);
      job.altThere = alt;
    }
    return id;
  }

  /** Say it once more: whether the server had heard it nobody here knows any longer. */
  private async describeAgain(upload: number, alt: string): Promise<void> {
    try {
      await this.options.describe(upload, alt);
    } catch (error) {
      // In a message already, or gone: its sending will tell.
      if (!(error instanceof ActionError) || error.retry) throw error;
    }
  }

  private next(): void {
    let count = 0;
    for (const job of this.jobs.values()) if (job.sending) count++;
    for (const job of this.jobs.values()) {
      if (count >= AT_ONCE_COUNT) return;
      const { status } = job.shown;
      if ((status !== "waiting" && status !== "paused") || this.deadlines.has(job.shown.key)) continue;
      count++;
      void this.run(job);
    }
  }

  private async run(job: Job): Promise<void> {
    const { key } = job.shown;
    const { alt } = job.shown;
    job.tries++;
    const noted = (id: number | null): void => {
      job.begun = id;
      if (this.jobs.has(key)) this.options.kept?.change(key, { begun: id });
    };
    const begun: Begun = {
      get id() {
        return job.begun;
      },
      set: noted,
    };
    const progress = (sent: number): void => {
      if (job.shown.status === "sending") this.show(job, { sent: Math.min(sent, job.shown.bytes) });
    };
    job.sending = this.options.send(job.file, alt, progress, begun);
    this.show(job, { status: "sending", sent: job.begun === null ? 0 : job.shown.sent });
    try {
      const { id } = await job.sending.done;
      if (!this.jobs.has(key)) {
        this.options.discard(id).catch(() => undefined);
        return;
      }
      job.altThere = alt;
      this.options.kept?.change(key, { upload: id });
      this.show(job, { status: "stored", upload: id, sent: job.shown.bytes });
      this.options.onStored(key, id);
      for (const { resolve } of job.waiters.splice(0)) resolve(id);
    } catch (error) {
      if (this.jobs.has(key)) this.failed(job, error as ActionError);
    } finally {
      job.sending = null;
      this.next();
    }
  }

  private failed(job: Job, error: ActionError): void {
    // What goes on from where it was loses nothing by waiting for its line.
    const isPaused = error.retry && job.file.size > PIECES_FROM_BYTES;
    if (isPaused || (error.retry && job.tries < TRIES_MAX_COUNT)) {
      const ms = Math.min(RETRY_MOST_MS, RETRY_LEAST_MS * 2 ** (job.tries - 1));
      this.show(job, isPaused ? { status: "paused" } : { status: "waiting", sent: 0 });
      this.deadlines.set(job.shown.key, Math.max(ms, error.afterMs ?? 0), () => this.next());
      return;
    }
    const { code, detail } = error;
    this.show(job, { status: "failed", error: { code, detail } });
    // Whoever waits is told for good: to try again is up to the person.
    for (const { reject } of job.waiters.splice(0)) reject(errorOf({ code, detail, retry: false }));
  }

  private forget(key: string): Job | undefined {
    const job = this.jobs.get(key);
    if (!job) return undefined;
    this.jobs.delete(key);
    this.deadlines.clear(key);
    this.options.kept?.drop(key);
    this.options.hide(key);
    if (job.shown.picture !== null) this.options.letGo(job.shown.picture);
    return job;
  }

  private show(job: Job, change: Partial<Upload>): void {
    job.shown = { ...job.shown, ...change };
    if (this.jobs.has(job.shown.key)) this.options.show(job.shown);
  }
}

function lost(name: string): ActionError {
  return new ActionError("upload_lost", name, false);
}
