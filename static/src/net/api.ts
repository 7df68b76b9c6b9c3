// REST, for what is asked rarely: with the session's cookie, the CSRF token and the error object of the protocol.
import type { ErrorShape } from "../protocol";
import { ActionError, errorOf, unreachable } from "./error";

const TIMEOUT_MS = 15_000;
/** 64 KiB of all such requests together, in whatever script they are written. */
const KEEPALIVE_MAX_CHARS = 8_000;
const PAGE_COUNT = 200;
const PAGES_MAX_COUNT = 10;

/** A list stands in the address once for each of its values. */
export type Query = Record<string, string | number | readonly (number | string)[] | undefined>;

export class Api {
  constructor(
    private readonly root: string,
    private readonly csrf: string,
    private readonly onSignedOut: () => void,
  ) {}

  get<T>(path: string, query: Query = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined || value === "") continue;
      for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
    }
    return this.call<T>("GET", search.size > 0 ? `${path}?${search}` : path);
  }

  /** Read a list to its end, or to a bound. */
  async all<T>(path: string, query: Query = {}, limit = PAGE_COUNT): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX_COUNT; page++) {
      const found = await this.get<{ items: T[]; next: string | null }>(path, {
        ...query,
        limit,
        cursor,
      });
      items.push(...found.items);
      if (found.next === null) break;
      cursor = found.next;
    }
    return items;
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.call<T>("POST", path, body);
  }

  put<T>(path: string, body: unknown = {}): Promise<T> {
    return this.call<T>("PUT", path, body);
  }

  /** Send a file as it is, without a form around it. */
  putFile<T>(path: string, file: Blob): Promise<T> {
    return this.call<T>("PUT", path, file);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.call<T>("PATCH", path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.call<T>("DELETE", path);
  }

  private async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init: RequestInit = {
      method,
      // What I have changed is changed, even if the page goes the next moment.
      credentials: "same-origin",
      headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": this.csrf },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    if (body instanceof Blob) {
      init.body = body;
      init.headers = { ...init.headers, "Content-Type": body.type || "application/octet-stream" };
    } else if (body !== undefined) init.body = JSON.stringify(body);
    // What I have changed is changed, even if the page goes the next moment; browsers do this for small things only.
    init.keepalive =
      method !== "GET" && !(body instanceof Blob) && String(init.body ?? "").length < KEEPALIVE_MAX_CHARS;
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.root + path, init);
      text = await response.text();
    } catch {
      throw unreachable();
    }
    if (response.ok) return parsed<T>(text);
    const error = errorIn(text, response);
    if (error.code === "signed_out") this.onSignedOut();
    throw error;
  }
}

function parsed<T>(text: string): T {
  if (text === "") return null as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    // The sign-in page of a hotel answers 200, too.
    throw new ActionError("unknown", "the answer is not JSON", false);
  }
}

function errorIn(text: string, response: Response): ActionError {
  try {
    const { error } = JSON.parse(text) as { error: Partial<ErrorShape> & { code: string; detail: string } };
    const retry = error.retry ?? (response.status === 429 || response.status >= 502);
    if (error.code) return errorOf({ ...error, retry });
  } catch {
    // A proxy's own page, in whatever form.
  }
  if (response.status >= 500) return unreachable();
  return new ActionError("unknown", `HTTP ${response.status}`, false);
}
