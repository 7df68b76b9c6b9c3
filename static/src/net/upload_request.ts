// One upload as a request of its own: fetch does not tell how much has gone out, this does.
import type { Attachment, ErrorShape } from "../protocol";
import { ActionError, errorOf, unreachable } from "./error";
import type { Sending } from "./uploads";

/** Without a sign of life for so long it has failed, whatever its size. */
const SILENCE_MS = 60_000;

/** What came back; status 0 where nothing did. */
export interface Answer {
  status: number;
  text: string;
  header(name: string): string | null;
}

export interface Carrying {
  done: Promise<Answer>;
  stop(): void;
}

/** Carry a body to the server. Never rejects. */
export function carry(
  method: string,
  address: string,
  headers: Record<string, string>,
  body: XMLHttpRequestBodyInit | null,
  onProgress: (sent: number) => void = () => undefined,
): Carrying {
  const request = new XMLHttpRequest();
  const done = new Promise<Answer>((resolve) => {
    let silence = 0;
    const heard = (): void => {
      clearTimeout(silence);
      silence = window.setTimeout(() => request.abort(), SILENCE_MS);
    };
    request.open(method, address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => {
      heard();
      onProgress(loaded);
    };
    request.onloadend = () => {
      clearTimeout(silence);
      const { status, responseText: text } = request;
      resolve({ status, text, header: (name) => (status === 0 ? null : request.getResponseHeader(name)) });
    };
    heard();
    request.send(body);
  });
  return { done, stop: () => request.abort() };
}

/** Send a file with the session of the page. */
export function sendFile(
  address: string,
  csrf: string,
  file: File,
  alt: string,
  onProgress: (sent: number) => void,
): Sending {
  const body = new FormData();
  // Before the file: who reads along has it by then.
  if (alt !== "") body.append("alt", alt);
  body.append("file", file);
  const headers = { Accept: "application/json", "X-CSRFToken": csrf };
  const { done, stop } = carry("POST", address, headers, body, onProgress);
  const stored = done.then((answer) => {
    if (answer.status !== 201) throw refusalIn(answer);
    return read<Attachment>(answer);
  });
  return { done: stored, stop };
}

/** What an answer holds. Throws an ActionError for what is no answer of ours. */
export function read<T>({ status, text }: Answer): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ActionError("unknown", `HTTP ${status}`, false);
  }
}

/** Why it was not taken. */
export function refusalIn({ status, text }: Answer): ActionError {
  if (status === 0) return unreachable();
  try {
    const { error } = JSON.parse(text) as { error?: ErrorShape };
    if (error) return errorOf({ ...error, retry: error.retry ?? status >= 500 });
  } catch {
    // A proxy's own page, in whatever form.
  }
  if (status === 413) return new ActionError("too_long", "", false);
  return status >= 500 ? unreachable() : new ActionError("unknown", `HTTP ${status}`, false);
}
