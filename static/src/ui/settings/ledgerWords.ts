// What became of a notification, in a sentence: the words for each outcome and reason of the server's ledger.
import type { LedgerRow } from "../../net/actions";
import { dueOf } from "../../text/dates";
import { isKey, t } from "../../text/t";

/** Why I was told, or not: for whatever a newer server knows, at least what became of it. */
export function ledgerText(row: LedgerRow): string {
  const way = row.way === "push" ? "ledger.push" : "ledger";
  const key = `${way}.${row.outcome}.${row.why ?? "nothing"}`;
  const until = row.until ? dueOf(row.until) : "";
  if (isKey(key)) return t(key, { until, said: row.said });
  const plain = `${way}.${row.outcome}.nothing`;
  return isKey(plain) ? t(plain, { until, said: row.said }) : t("ledger.unknown");
}

/** A reason without an outcome: what the row is about. */
export function ruleText(row: LedgerRow): string {
  const key = `ledger.rule_${row.rule}`;
  return isKey(key) ? t(key) : t("ledger.rule_mention");
}
