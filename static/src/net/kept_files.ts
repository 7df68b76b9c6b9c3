// Which files on their way are kept for the next page, and what of them is another now. Never stands in anybody's way.
import type { FileStore, KeptFile } from "./file_store";

/** Less than the server keeps what no message names. */
const GOOD_FOR_MS = 23 * 3_600_000;
/** A browser's place is not without end, and what is not kept is only lost with the page. */
const MOST_BYTES = 200 * 1024 * 1024;

export interface Found {
  kept: KeptFile;
  file: File;
}

export class KeptFiles {
  private readonly known = new Map<string, { kept: KeptFile; bytes: number }>();
  /** One after the other: what is thrown away must not come back. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: Promise<FileStore | null>,
    private readonly tab: string,
    private readonly now: () => number,
  ) {}

  add(key: string, place: string | null, file: File): void {
    const held = [...this.known.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    if (held + file.size > MOST_BYTES) return;
    const kept = { key, place, tab: this.tab, alt: "", upload: null, begun: null, at: this.now() };
    this.known.set(key, { kept, bytes: file.size });
    this.afterwards((store) => store.add(kept, file));
  }

  /** Something about a file is another; one that is not kept is no matter. */
  change(key: string, change: Partial<KeptFile>): void {
    const known = this.known.get(key);
    if (!known) return;
    known.kept = { ...known.kept, ...change };
    const { kept } = known;
    this.afterwards((store) => store.change(kept));
  }

  drop(key: string): void {
    if (this.known.delete(key)) this.afterwards((store) => store.drop(key));
  }

  /** What this tab had beside its texts before it was loaded anew, in order; what is too old goes. */
  async before(): Promise<Found[]> {
    const found: Found[] = [];
    const store = await this.store;
    const all = (await store?.all().catch(() => [])) ?? [];
    for (const kept of all.sort((a, b) => a.at - b.at)) {
      if (this.now() - kept.at > GOOD_FOR_MS) this.afterwards((place) => place.drop(kept.key));
      else if (kept.tab === this.tab && kept.place !== null) {
        const one = await this.take(store!, kept);
        if (one) found.push(one);
      }
    }
    return found;
  }

  /** A file that a message waits for, of whichever page. */
  async find(key: string): Promise<Found | null> {
    const store = await this.store;
    const kept = (await store?.all().catch(() => []))?.find((one) => one.key === key);
    return kept ? this.take(store!, kept) : null;
  }

  private async take(store: FileStore, kept: KeptFile): Promise<Found | null> {
    const file = await store.fileOf(kept.key).catch(() => null);
    if (!file) return null;
    this.known.set(kept.key, { kept, bytes: file.size });
    return { kept, file };
  }

  private afterwards(order: (store: FileStore) => Promise<void>): void {
    this.last = this.last
      .then(() => this.store)
      .then((store) => store && order(store))
      // A full disk, a database that somebody else has thrown away.
      .catch(() => undefined);
  }
}
