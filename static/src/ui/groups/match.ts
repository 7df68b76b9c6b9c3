// Groups that are looked for, by handle or name. Pure.
import type { Group } from "../composer/calls";
import { search } from "../match";

export function match(groups: readonly Group[], text: string): readonly Group[] {
  const query = text.trim().replace(/^@/, "");
  return query === "" ? groups : search([...groups], query, ({ handle, name }) => [handle, name]);
}
