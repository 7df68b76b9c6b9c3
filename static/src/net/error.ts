// The one error of everything that goes to the server.

/** Why an action did not happen; every promise of `Actions` rejects with this and nothing else. */
export class ActionError extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly retry: boolean,
    readonly afterMs: number | null = null,
  ) {
    super(`${code}: ${detail}`);
    this.name = "ActionError";
  }
}

/** The error of a reply or of REST as what actions reject with. */
export function errorOf(error: {
  code: string;
  detail: string;
  retry?: boolean;
  after_ms?: number;
}): ActionError {
  return new ActionError(error.code, error.detail, error.retry ?? false, error.after_ms ?? null);
}

/** The server could not be reached, or did not answer in time. */
export function unreachable(): ActionError {
  return new ActionError("network", "", true);
}
