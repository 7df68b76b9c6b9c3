// One account: what it is, what it may, with what it is signed in, and how to end that.

import { ArrowLeft, KeyRound, LogOut, Power, ScrollText } from "lucide-preact";
import { useState } from "preact/hooks";
import { dueOf, fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { copyText } from "../common/copy";
import { Failure } from "../common/Failure";
import { Failed, Skeleton } from "../common/States";
import { toast } from "../common/toasts";
import { useRead } from "../common/useRead";
import { layout } from "../layout";
import { useSubmit } from "../rooms/useSubmit";
import { follow } from "../route";
import { me } from "../selectors";
import { AskDialog } from "./AskDialog";
import type { PersonDetails, Role } from "./calls";
import * as calls from "./calls";
import { SignInsCard } from "./SignInsCard";

const ROLES = ["owner", "admin", "member", "guest"] as const;
/** Whose second step one may reset: that of who stands below. */
const RANK: Readonly<Record<Role, number>> = { guest: 0, member: 0, admin: 1, owner: 2 };
type Asked = { kind: "role"; role: Role } | { kind: "off" | "sign_out" | "password" };

export function PersonSection({ id }: { id: number }) {
  const { rest } = useActions();
  const { value, failure, again, set } = useRead(String(id), () => calls.person(rest, id));
  // What was done to the account may have ended sign-ins.
  const [deeds, setDeeds] = useState(0);
  const changed = (person: PersonDetails): void => {
    set(person);
    setDeeds((count) => count + 1);
  };
  return (
    <section class="admin-section" aria-labelledby="admin-person">
      {layout.value === "phone" ? null : (
        <a class="admin-back" href="/admin/people/" onClick={follow}>
          <ArrowLeft size={16} strokeWidth={2} aria-hidden="true" />
          {t("people_admin.back")}
        </a>
      )}
      {failure ? <Failed text={failure} onRetry={again} /> : null}
      {!value && !failure ? <Skeleton rows={5} /> : null}
      {value ? <Details person={value} deeds={deeds} onChanged={changed} /> : null}
    </section>
  );
}

interface DetailsProps {
  person: PersonDetails;
  onChanged: (person: PersonDetails) => void;
}

function Details({ person, deeds, onChanged }: DetailsProps & { deeds: number }) {
  const { rest } = useActions();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const { isBusy, failure, run } = useSubmit();
  const mine = me.value;
  const isMe = person.id === mine.id;
  const isAbove = person.role === "owner" && mine.role !== "owner";
  const isFixed = isMe || isAbove || person.is_erased;

  return (
    <>
      <div class="settings-card">
        <div class="settings-me">
          <Avatar person={person} size={56} status={person.is_active ? person.status : null} />
          <div>
            <h2 class="settings-name" id="admin-person">
              <bdi>{person.name}</bdi>
            </h2>
            <p>
              @{person.handle}
              {person.email ? ` · ${person.email}` : ""}
            </p>
          </div>
          {person.is_active ? null : <span class="role-mark admin-off">{t("people_admin.is_off")}</span>}
        </div>
        <dl class="admin-facts">
          <Fact name={t("people_admin.since")} value={fullOf(person.created_at)} />
          <Fact
            name={t("people_admin.last_login")}
            value={person.last_login_at ? dueOf(person.last_login_at) : t("people_admin.never")}
          />
          <Fact name={t("people_admin.rooms")} value={t("people_admin.rooms_n", { n: person.rooms })} />
        </dl>
        <a class="admin-inline-link" href={`/admin/audit/?person=${person.id}`} onClick={follow}>
          <ScrollText size={16} strokeWidth={1.75} aria-hidden="true" />
          {t("people_admin.record")}
        </a>
      </div>

      <div class="settings-card">
        <h3>{t("people_admin.role")}</h3>
        {isMe ? <p class="field-hint">{t("people_admin.not_me")}</p> : null}
        {isAbove ? <p class="field-hint">{t("people_admin.not_owner")}</p> : null}
        <fieldset class="choices" disabled={isFixed}>
          <legend class="unseen">{t("people_admin.role")}</legend>
          {ROLES.filter((role) => role !== "owner" || mine.role === "owner" || person.role === "owner").map(
            (role) => (
              <label key={role} class="choice">
                <input
                  type="radio"
                  name="role"
                  checked={person.role === role}
                  onClick={(event) => {
                    if (role === person.role) return;
                    event.preventDefault();
                    setAsked({ kind: "role", role });
                  }}
                />
                <span class="choice-name">{t(`people_admin.role_${role}`)}</span>
                <span class="choice-hint">{t(`people_admin.role_${role}_hint`)}</span>
              </label>
            ),
          )}
        </fieldset>
      </div>

      {person.is_bot || person.is_erased ? null : (
        <SignInsCard
          person={person}
          deeds={deeds}
          mayEnd={!isAbove}
          mayReset={!isFixed && person.is_active && RANK[person.role] < RANK[mine.role]}
        />
      )}

      <div class="settings-card">
        <h3>{t("people_admin.access")}</h3>
        <p class="field-hint">{t("people_admin.access_hint")}</p>
        {person.tokens.length > 0 ? (
          <ul class="admin-tokens" aria-label={t("people_admin.tokens")}>
            {person.tokens.map((token) => (
              <li key={token.id}>
                <span class="admin-row-words">
                  <bdi class="admin-row-name">{token.label}</bdi>
                  <span class="admin-row-meta">
                    {token.last_used_at
                      ? t("people_admin.token_used", { when: dueOf(token.last_used_at) })
                      : t("people_admin.token_unused")}
                  </span>
                </span>
                <Button
                  small
                  disabled={isAbove}
                  onClick={() =>
                    run(async () => {
                      await calls.revokeToken(rest, person.id, token.id);
                      onChanged({ ...person, tokens: person.tokens.filter(({ id }) => id !== token.id) });
                    })
                  }
                >
                  {t("people_admin.revoke")}
                </Button>
              </li>
            ))}
          </ul>
        ) : (
          <p class="admin-none">{t("people_admin.no_tokens")}</p>
        )}
        <Failure text={failure} />
        <div class="settings-buttons">
          <Button
            icon={LogOut}
            disabled={isAbove || person.is_erased}
            onClick={() => setAsked({ kind: "sign_out" })}
          >
            {t("people_admin.sign_out")}
          </Button>
          <Button
            icon={KeyRound}
            busy={isBusy}
            disabled={isFixed || !person.is_active || person.is_bot}
            onClick={() => setAsked({ kind: "password" })}
          >
            {t("people_admin.password")}
          </Button>
          {person.is_active ? (
            <Button kind="danger" icon={Power} disabled={isFixed} onClick={() => setAsked({ kind: "off" })}>
              {t("people_admin.off")}
            </Button>
          ) : (
            <Button
              icon={Power}
              disabled={isFixed}
              onClick={() =>
                run(async () => {
                  onChanged(await calls.updatePerson(rest, person.id, { is_active: true }));
                  toast(t("people_admin.is_on_again", { name: person.name }));
                })
              }
            >
              {t("people_admin.on")}
            </Button>
          )}
        </div>
        {link ? <HandOver link={link} name={person.name} /> : null}
      </div>
      {asked ? (
        <Question
          asked={asked}
          person={person}
          onClose={() => setAsked(null)}
          onChanged={onChanged}
          onLink={setLink}
        />
      ) : null}
    </>
  );
}

interface QuestionProps extends DetailsProps {
  asked: Asked;
  onClose: () => void;
  onLink: (link: string) => void;
}

/** What is about to be done, and to whom. */
function Question({ asked, person, onClose, onChanged, onLink }: QuestionProps) {
  const { rest } = useActions();
  const { name } = person;
  if (asked.kind === "role") {
    const role = t(`people_admin.role_${asked.role}`);
    return (
      <AskDialog
        title={t("people_admin.role_title", { name, role })}
        text={t(`people_admin.role_${asked.role}_hint`)}
        submit={t("people_admin.role_submit")}
        onClose={onClose}
        onSubmit={async (reason) =>
          onChanged(await calls.updatePerson(rest, person.id, { role: asked.role, reason }))
        }
      />
    );
  }
  if (asked.kind === "off")
    return (
      <AskDialog
        danger
        title={t("people_admin.off_title", { name })}
        text={t("people_admin.off_text", { name })}
        submit={t("people_admin.off")}
        onClose={onClose}
        onSubmit={async (reason) =>
          onChanged(await calls.updatePerson(rest, person.id, { is_active: false, reason }))
        }
      />
    );
  if (asked.kind === "sign_out")
    return (
      <AskDialog
        danger
        title={t("people_admin.sign_out_title", { name })}
        text={t("people_admin.sign_out_text", { name, n: person.tokens.length })}
        submit={t("people_admin.sign_out")}
        onClose={onClose}
        onSubmit={async (reason) => {
          onChanged(await calls.signOutPerson(rest, person.id, reason));
          toast(t("people_admin.signed_out", { name }));
        }}
      />
    );
  return (
    <AskDialog
      title={t("people_admin.password_title", { name })}
      text={
        person.email
          ? t("people_admin.password_mail", { email: person.email })
          : t("people_admin.password_link", { name })
      }
      submit={t(person.email ? "people_admin.password_send" : "people_admin.password_make")}
      withReason={false}
      onClose={onClose}
      onSubmit={async () => {
        const { email, url } = await calls.passwordOf(rest, person.id);
        if (url) onLink(url);
        else toast(t("people_admin.password_sent", { email: email ?? "" }));
      }}
    />
  );
}

function HandOver({ link, name }: { link: string; name: string }) {
  return (
    <div class="admin-hand-over" role="status">
      <p>{t("people_admin.hand_over", { name })}</p>
      <div class="settings-row">
        <input class="input" type="text" readOnly aria-label={t("people_admin.password")} value={link} />
        <Button onClick={() => void copyText(link)}>{t("people_admin.copy")}</Button>
      </div>
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
