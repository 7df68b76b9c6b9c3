// One upload as a request of its own: fetch does not tell how much has gone out, this does.
import type { Attachment, ErrorShape } from "../protocol";
import { ActionError, errorOf, unreachable } from "./error";
import type { Sending } from "./uploads";

/** Without a sign of life for so long it has failed, whatever its size. */
const SILENCE_MS = 60_000;

/** Send a file with the session of the page. */
export function sendFile(
  address: string,
  csrf: string,
  file: File,
  alt: string,
  onProgress: (sent: number) => void,
): Sending {
  const request = new XMLHttpRequest();
  const done = new Promise<Attachment>((resolve, reject) => {
    let silence = 0;
    const heard = (): void => {
      clearTimeout(silence);
      silence = window.setTimeout(() => request.abort(), SILENCE_MS);
    };
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrf);
    request.upload.onprogress = ({ loaded }) => {
      heard();
      onProgress(loaded);
    };
    request.onloadend = () => {
      clearTimeout(silence);
      const found = read(request);
      if (found instanceof ActionError) reject(found);
      else resolve(found);
    };
    heard();
    const body = new FormData();
    // Before the file: who reads along has it by then.
    if (alt !== "") body.append("alt", alt);
    body.append("file", file);
    request.send(body);
  });
  return { done, stop: () => request.abort() };
}

function read({ status, responseText }: XMLHttpRequest): Attachment | ActionError {
  if (status === 0) return unreachable();
  try {
    const answer = JSON.parse(responseText) as Attachment & { error?: ErrorShape };
    if (status === 201) return answer;
    if (answer.error) return errorOf({ ...answer.error, retry: answer.error.retry ?? status >= 500 });
  } catch {
    // A proxy's own page, in whatever form.
  }
  if (status === 413) return new ActionError("too_long", "", false);
  return status >= 500 ? unreachable() : new ActionError("unknown", `HTTP ${status}`, false);
}
