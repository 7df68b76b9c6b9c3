// Files that go to the server before the message that names them: a few at once, repeated while that may help.
import type { Attachment } from "../protocol";
import type { SentFile, Upload } from "../store/uploads";
import { type Clock, Deadlines } from "./clock";
import { ActionError, errorOf } from "./error";

/** The server takes four of a person at once; one place is left for another tab. */
const AT_ONCE_COUNT = 3;
const TRIES_MAX_COUNT = 6;
const RETRY_LEAST_MS = 500;
const RETRY_MOST_MS = 20_000;
/** What a browser shows by itself, and what is small enough to be shown twice. */
const SHOWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** A request under way; `stop` ends it. */
export interface Sending {
  done: Promise<Attachment>;
  stop(): void;
}

export interface UploadsOptions {
  clock: Clock;
  newKey(): string;
  send(file: File, alt: string, onProgress: (sent: number) => void): Sending;
  describe(upload: number, alt: string): Promise<unknown>;
  discard(upload: number): Promise<unknown>;
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
  add(file: File): string {
    const key = this.options.newKey();
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
    this.jobs.set(key, { file, shown, altThere: "", tries: 0, sending: null, waiters: [] });
    this.options.show(shown);
    this.next();
    return key;
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
    if (job) this.show(job, { alt });
  }

  /** Throw an upload away, here and on the server. */
  cancel(key: string): void {
    const job = this.forget(key);
    job?.sending?.stop();
    for (const { reject } of job?.waiters ?? []) reject(lost(job!.shown.name));
    // What the server does not hear of it throws away by itself after a day.
    if (job && job.shown.upload !== null) this.options.discard(job.shown.upload).catch(() => undefined);
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
    const job = this.jobs.get(key);
    if (!job) {
      // The page was loaded anew since: a file that had not arrived is no longer here.
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
      if (job.shown.status !== "waiting" || this.deadlines.has(job.shown.key)) continue;
      count++;
      void this.run(job);
    }
  }

  private async run(job: Job): Promise<void> {
    const { key } = job.shown;
    const { alt } = job.shown;
    job.tries++;
    job.sending = this.options.send(job.file, alt, (sent) => {
      if (job.shown.status === "sending") this.show(job, { sent: Math.min(sent, job.shown.bytes) });
    });
    this.show(job, { status: "sending", sent: 0 });
    try {
      const { id } = await job.sending.done;
      if (!this.jobs.has(key)) {
        this.options.discard(id).catch(() => undefined);
        return;
      }
      job.altThere = alt;
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
    if (error.retry && job.tries < TRIES_MAX_COUNT) {
      const ms = Math.min(RETRY_MOST_MS, RETRY_LEAST_MS * 2 ** (job.tries - 1));
      this.show(job, { status: "waiting", sent: 0 });
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
