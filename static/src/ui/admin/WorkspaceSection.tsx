// What the workspace is: its name, who comes in, who makes rooms and invites, its language, how long its record is kept.

import { useState } from "preact/hooks";
import { type Key, t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { Field } from "../common/Field";
import { Failed, Skeleton } from "../common/States";
import { toast } from "../common/toasts";
import { useRead } from "../common/useRead";
import { useSubmit } from "../rooms/useSubmit";
import type { WorkspaceSettings } from "./calls";
import * as calls from "./calls";
import { LogoCard } from "./LogoCard";

const SIGNUPS = ["closed", "invite", "domain", "open"] as const;
const NAME_MAX_CHARS = 80;
const AUDIT_DAYS = [90, 365, 1_095] as const;

export function WorkspaceSection() {
  const { rest } = useActions();
  const { value, failure, again, set } = useRead("workspace", () => calls.workspaceSettings(rest));
  return (
    <section class="admin-section" aria-labelledby="admin-workspace">
      <div class="admin-head">
        <h2 id="admin-workspace">{t("admin.workspace")}</h2>
      </div>
      {failure ? <Failed text={failure} onRetry={again} /> : null}
      {!value && !failure ? <Skeleton rows={5} /> : null}
      {value ? <LogoCard settings={value} onSaved={set} /> : null}
      {value ? <Form settings={value} onSaved={set} /> : null}
    </section>
  );
}

interface FormProps {
  settings: WorkspaceSettings;
  onSaved: (settings: WorkspaceSettings) => void;
}

function Form({ settings, onSaved }: FormProps) {
  const { rest } = useActions();
  const [draft, setDraft] = useState(settings);
  const [domains, setDomains] = useState(settings.signup_domains.join(", "));
  const { isBusy, failure, run } = useSubmit();
  const change = (fields: Partial<WorkspaceSettings>): void => setDraft({ ...draft, ...fields });
  const signup = draft.signup || draft.signup_default;
  const wanted = { ...draft, signup_domains: domainsOf(domains) };
  const changed = changedOf(settings, wanted);
  const isBad = draft.name.trim() === "" || (signup === "domain" && wanted.signup_domains.length === 0);

  return (
    <form
      class="admin-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isBad || Object.keys(changed).length === 0) return;
        run(async () => {
          const saved = await calls.updateWorkspace(rest, changed);
          setDraft(saved);
          setDomains(saved.signup_domains.join(", "));
          onSaved(saved);
          toast(t("settings.saved"));
        });
      }}
    >
      <div class="settings-card">
        <Field label={t("workspace.name")} hint={t("workspace.name_hint")}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              type="text"
              dir="auto"
              required
              maxLength={NAME_MAX_CHARS}
              value={draft.name}
              onInput={(event) => change({ name: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={t("workspace.language")} hint={t("workspace.language_hint")}>
          {(ids) => (
            <select
              {...ids}
              class="input"
              value={draft.language || draft.language_default}
              onChange={(event) => change({ language: event.currentTarget.value })}
            >
              <option value="en">English</option>
              <option value="ko">한국어</option>
            </select>
          )}
        </Field>
      </div>
      <div class="settings-card">
        <h3>{t("workspace.signup")}</h3>
        <fieldset class="choices">
          <legend class="unseen">{t("workspace.signup")}</legend>
          {SIGNUPS.map((one) => {
            const cannot = one === "domain" && !settings.confirms_addresses;
            return (
              <label key={one} class="choice">
                <input
                  type="radio"
                  name="signup"
                  disabled={cannot}
                  checked={signup === one}
                  onChange={() => change({ signup: one })}
                />
                <span class="choice-name">{t(`workspace.signup_${one}`)}</span>
                <span class="choice-hint">
                  {t(cannot ? "workspace.signup_domain_not" : `workspace.signup_${one}_hint`)}
                </span>
              </label>
            );
          })}
        </fieldset>
        {signup === "domain" ? (
          <Field label={t("workspace.domains")} hint={t("workspace.domains_hint")}>
            {(ids) => (
              <input
                {...ids}
                class="input"
                type="text"
                autocomplete="off"
                spellcheck={false}
                placeholder="example.org, mail.example.org"
                value={domains}
                onInput={(event) => setDomains(event.currentTarget.value)}
              />
            )}
          </Field>
        ) : null}
      </div>
      <div class="settings-card">
        <Who
          name="room_makers"
          title={t("workspace.room_makers")}
          value={draft.room_makers}
          onChange={(room_makers) => change({ room_makers })}
        />
        <Who
          name="inviters"
          title={t("workspace.inviters")}
          value={draft.inviters}
          onChange={(inviters) => change({ inviters })}
        />
        <Who
          name="group_makers"
          title={t("workspace.group_makers")}
          value={draft.group_makers}
          onChange={(group_makers) => change({ group_makers })}
        />
        <Who
          name="emoji_makers"
          title={t("workspace.emoji_makers")}
          value={draft.emoji_makers}
          onChange={(emoji_makers) => change({ emoji_makers })}
        />
      </div>
      <div class="settings-card">
        <Field label={t("workspace.audit")} hint={t("workspace.audit_hint")}>
          {(ids) => (
            <select
              {...ids}
              class="input"
              value={draft.audit_days ?? ""}
              onChange={(event) =>
                change({
                  audit_days: event.currentTarget.value === "" ? null : Number(event.currentTarget.value),
                })
              }
            >
              <option value="">{t("workspace.audit_forever")}</option>
              {daysChoices(settings.audit_days).map((days) => (
                <option key={days} value={days}>
                  {t("workspace.audit_days", { n: days })}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Failure text={failure} />
      <div>
        <Button
          kind="primary"
          type="submit"
          busy={isBusy}
          disabled={isBad || Object.keys(changed).length === 0}
        >
          {t("dialog.save")}
        </Button>
      </div>
    </form>
  );
}

interface WhoProps {
  name: string;
  title: string;
  value: "members" | "admins";
  onChange: (who: "members" | "admins") => void;
}

function Who({ name, title, value, onChange }: WhoProps) {
  return (
    <fieldset class="choices-row">
      <legend class="field-label">{title}</legend>
      {(["members", "admins"] as const).map((who) => (
        <label key={who} class="choice">
          <input type="radio" name={name} checked={value === who} onChange={() => onChange(who)} />
          <span class="choice-name">{t(`workspace.who_${who}` as Key)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** The domains in what was typed, however they are parted. */
export function domainsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,;]+/)
        .map((one) => one.replace(/^@/, "")),
    ),
  ].filter(Boolean);
}

function changedOf(before: WorkspaceSettings, now: WorkspaceSettings): Partial<WorkspaceSettings> {
  const names = [
    "name",
    "signup",
    "room_makers",
    "inviters",
    "group_makers",
    "emoji_makers",
    "language",
    "audit_days",
  ] as const;
  const changed = Object.fromEntries(
    names.filter((name) => before[name] !== now[name]).map((name) => [name, now[name]]),
  );
  const isSame = before.signup_domains.join(" ") === now.signup_domains.join(" ");
  return isSame ? changed : { ...changed, signup_domains: now.signup_domains };
}

function daysChoices(days: number | null): number[] {
  return [...new Set([...AUDIT_DAYS, ...(days === null ? [] : [days])])].sort((a, b) => a - b);
}
