// An error as a sentence for a person: what happened, what is safe, what to do.
import { ActionError } from "../net/actions";
import { isKey, t } from "../text/t";

/** The sentence for an error code of the server. */
export function codeText(code: string, detail: string): string {
  const key = `error.${code}`;
  return isKey(key) ? t(key, { detail }) : t("error.unknown", { detail });
}

/** The sentence for whatever an action rejected with. */
export function errorText(error: unknown): string {
  if (error instanceof ActionError) return codeText(error.code, error.detail);
  return t("error.unknown", { detail: error instanceof Error ? error.message : "" });
}
