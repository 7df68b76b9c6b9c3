// A large file in pieces: where a line has broken, it goes on from what the server has kept (tus 1.0).
import type { Attachment } from "../protocol";
import { ActionError, unreachable } from "./error";
import { type Answer, type Carrying, carry, read, refusalIn } from "./upload_request";
import type { Begun, Sending } from "./uploads";

const TUS = { "Tus-Resumable": "1.0.0" };
/** The sum of a file is taken of it as a whole, in memory. */
const SUM_MAX_BYTES = 256 * 1024 * 1024;
/** So often the server may say that it is somewhere else, before that is a fault. */
const MOVES_MAX_COUNT = 5;

/** Send a file from where it was; `begun` holds what the server calls it, as long as the server knows it. */
export function sendInPieces(
  address: string,
  csrf: string,
  file: File,
  alt: string,
  begun: Begun,
  onProgress: (sent: number) => void,
): Sending {
  const sending = new InPieces(`${address}/resumable`, csrf, file, alt, begun, onProgress);
  return { done: sending.run(), stop: () => sending.stop() };
}

/** Have the server throw away what has come. */
export async function giveUp(address: string, csrf: string, upload: number): Promise<void> {
  await carry("DELETE", `${address}/resumable/${upload}`, { ...TUS, "X-CSRFToken": csrf }, null).done;
}

class InPieces {
  private isStopped = false;
  private now: Carrying | null = null;

  constructor(
    private readonly address: string,
    private readonly csrf: string,
    private readonly file: File,
    private readonly alt: string,
    private readonly begun: Begun,
    private readonly onProgress: (sent: number) => void,
  ) {}

  stop(): void {
    this.isStopped = true;
    this.now?.stop();
  }

  async run(): Promise<Attachment> {
    let offset = await this.found();
    for (let moves = 0; offset < this.file.size || moves === 0; moves++) {
      if (moves > MOVES_MAX_COUNT) throw unreachable();
      offset = await this.add(offset);
    }
    const { attachment } = read<{ attachment: Attachment | null }>(await this.ask("GET"));
    // Somebody else is putting it together.
    if (!attachment) throw unreachable();
    return attachment;
  }

  /** How much of it the server has; begins where it knows nothing of it. */
  private async found(): Promise<number> {
    if (this.begun.id !== null) {
      const answer = await this.say("HEAD", this.place());
      if (answer.status === 200) return this.progress(offsetIn(answer));
      if (answer.status !== 404) throw refusalIn(answer);
      // Thrown away meanwhile.
      this.begun.set(null);
    }
    const { file, alt } = this;
    const said = { filename: file.name, alt, sha256: await sumOf(file) };
    const metadata = Object.entries(said).filter(([, value]) => value !== "");
    const answer = await this.say("POST", this.address, {
      "Upload-Length": String(file.size),
      "Upload-Metadata": metadata.map(([name, value]) => `${name} ${base64(value)}`).join(","),
    });
    const id = Number(answer.header("Location")?.split("/").at(-1));
    if (answer.status !== 201) throw refusalIn(answer);
    this.begun.set(id);
    return 0;
  }

  private async add(offset: number): Promise<number> {
    const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    const rest = this.file.slice(offset);
    const answer = await this.say("PATCH", this.place(), headers, rest, (sent) =>
      this.onProgress(offset + sent),
    );
    // It has more than we knew, or less: its word counts.
    if (answer.status === 204 || answer.status === 409) return this.progress(offsetIn(answer));
    const refused = refusalIn(answer);
    // What it does not know any more, and what it has thrown away, begins anew when it is sent again.
    if (!refused.retry) this.begun.set(null);
    throw refused;
  }

  private async ask(method: string): Promise<Answer> {
    const answer = await this.say(method, this.place());
    if (answer.status !== 200) throw refusalIn(answer);
    return answer;
  }

  private say(
    method: string,
    address: string,
    headers: Record<string, string> = {},
    body: Blob | null = null,
    onProgress?: (sent: number) => void,
  ): Promise<Answer> {
    if (this.isStopped) throw new ActionError("stopped", "", false);
    const all = { ...TUS, ...headers, Accept: "application/json", "X-CSRFToken": this.csrf };
    this.now = carry(method, address, all, body, onProgress);
    return this.now.done;
  }

  private place(): string {
    return `${this.address}/${this.begun.id}`;
  }

  private progress(offset: number): number {
    this.onProgress(offset);
    return offset;
  }
}

function offsetIn(answer: Answer): number {
  const offset = Number(answer.header("Upload-Offset") ?? Number.NaN);
  if (!Number.isSafeInteger(offset)) throw unreachable();
  return offset;
}

/** Empty where the browser does not reckon (a page without TLS) or the file is too large for it. */
async function sumOf(file: File): Promise<string> {
  if (!globalThis.crypto?.subtle || file.size > SUM_MAX_BYTES) return "";
  const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
