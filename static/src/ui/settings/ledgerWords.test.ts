// What the ledger says, in words: every outcome and reason of the server has its sentence, in both languages.
import { afterEach, expect, test } from "vitest";
import type { LedgerRow } from "../../net/actions";
import { useLanguage } from "../../text/t";
import { ledgerText, ruleText } from "./ledgerWords";

const row = (
  outcome: LedgerRow["outcome"],
  why: string | null,
  fields: Partial<LedgerRow> = {},
): LedgerRow => ({
  id: 1,
  message: 2,
  room: 3,
  seq: 4,
  msg_no: 5,
  rule: "mention",
  way: "mail",
  outcome,
  why,
  until: null,
  said: "",
  at: "2026-05-01T00:00:00.000Z",
  changed_at: "2026-05-01T00:00:00.000Z",
  ...fields,
});

// As they stand in the REST documentation.
const WHYS: [LedgerRow["outcome"], string | null][] = [
  ...(["unread_yet", "quiet_hours", "interval", "server_away", null] as const).map(
    (why): [LedgerRow["outcome"], string | null] => ["waiting", why],
  ),
  ["sent", null],
  ["sent", "gathered"],
  ...(
    [
      "own",
      "bot",
      "guest",
      "inactive",
      "deleted",
      "left",
      "level",
      "read",
      "no_address",
      "unconfirmed",
      "off",
    ] as const
  ).map((why): [LedgerRow["outcome"], string | null] => ["suppressed", why]),
  ["failed", "refused"],
  ["failed", "gave_up"],
];

// Of push, which knows no address, and asks for a device instead.
const OF_MAIL_ALONE = ["interval", "guest", "no_address", "unconfirmed", "off"];
const PUSH_WHYS: typeof WHYS = [
  ...WHYS.filter(([, why]) => why === null || !OF_MAIL_ALONE.includes(why)),
  ["suppressed", "no_device"],
];

afterEach(() => useLanguage("en"));

test.each(["en", "ko"] as const)("each reason is a sentence of its own in %s", async (language) => {
  await useLanguage(language);
  const texts = [
    ...WHYS.map(([outcome, why]) => ledgerText(row(outcome, why))),
    ...PUSH_WHYS.map(([outcome, why]) => ledgerText(row(outcome, why, { way: "push" }))),
  ];
  expect(new Set(texts).size).toBe(WHYS.length + PUSH_WHYS.length);
  expect(texts.filter((text) => text.startsWith("ledger."))).toEqual([]);
});

test("the words of the mail server are told as they are", async () => {
  await useLanguage("en");
  const said = "550 no such mailbox {until}";
  expect(ledgerText(row("failed", "refused", { said }))).toBe(`The mail server refused it: ${said}`);
});

test("of a reason that a newer server knows at least the outcome is told", async () => {
  await useLanguage("en");
  expect(ledgerText(row("suppressed", "of_tomorrow"))).toBe("No mail was sent.");
  expect(ledgerText(row("suppressed", "of_tomorrow", { way: "push" }))).toBe("Your devices were not told.");
  expect(ledgerText(row("lost" as LedgerRow["outcome"], null))).toMatch(/Reload/);
});

test("a time is told as a person says it", async () => {
  await useLanguage("en");
  const until = new Date(Date.now() + 86_400_000).toISOString();
  expect(ledgerText(row("waiting", "quiet_hours", { until }))).toMatch(/quiet hours: Tomorrow, \d/);
});

test("a row says by which rule it is there", async () => {
  await useLanguage("en");
  expect([ruleText(row("sent", null)), ruleText(row("sent", null, { rule: "direct" }))]).toEqual([
    "You were mentioned",
    "A direct message",
  ]);
});
