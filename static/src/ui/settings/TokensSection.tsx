// The tokens with which programs speak as me: make one, see it once, take it back.
import { Copy, SquareTerminal } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import type { AccessToken } from "../../net/actions";
import { dayOf, fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { copyText } from "../common/copy";
import { Field } from "../common/Field";
import { Failed, Skeleton } from "../common/States";
import { tell } from "../common/toasts";
import { useRead } from "../common/useRead";
import { useSubmit } from "../rooms/useSubmit";
import "../../styles/sign-ins.css";

const LABEL_MAX_CHARS = 80;

export function TokensSection() {
  const actions = useActions();
  const { value: tokens, failure, again } = useRead("", () => actions.tokens());
  const { isBusy, failure: refusal, run } = useSubmit();
  const [label, setLabel] = useState("");
  const [made, setMade] = useState<AccessToken | null>(null);
  const title = useRef<HTMLHeadingElement>(null);

  const make = (): void => {
    if (label.trim() === "") return;
    run(async () => {
      setMade(await actions.makeToken(label.trim()));
      setLabel("");
      await again();
    });
  };
  const revoke = (row: AccessToken): void => {
    // What had the focus goes.
    title.current?.focus();
    if (made?.id === row.id) setMade(null);
    void tell(actions.revokeToken(row.id)).then(again);
  };

  return (
    <section class="settings-card">
      <h2 ref={title} tabIndex={-1}>
        {t("settings.tokens")}
      </h2>
      <p class="field-hint">
        {t("tokens.hint")} <a href="/api/v1/docs">{t("tokens.docs")}</a>
      </p>
      {failure ? <Failed text={failure} onRetry={() => void again()} /> : null}
      {!tokens && !failure ? <Skeleton rows={3} /> : null}
      {tokens?.length === 0 ? <p class="sign-in-meta">{t("tokens.none")}</p> : null}
      {tokens && tokens.length > 0 ? (
        <ul class="sign-ins" aria-label={t("settings.tokens")}>
          {tokens.map((row) => (
            <li class="sign-in" key={row.id}>
              <SquareTerminal size={20} strokeWidth={1.75} aria-hidden="true" />
              <div class="sign-in-words">
                <p class="sign-in-name">
                  <bdi>{row.label}</bdi>
                </p>
                <p class="sign-in-meta">
                  <time dateTime={row.created_at} title={fullOf(row.created_at)}>
                    {t("tokens.made", { when: dayOf(row.created_at) })}
                  </time>
                  <span>
                    {row.last_used_at
                      ? t("tokens.used", { when: dayOf(row.last_used_at) })
                      : t("tokens.unused")}
                  </span>
                </p>
              </div>
              <Button small onClick={() => revoke(row)}>
                {t("tokens.revoke")}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {made?.token ? <NewToken token={made.token} /> : null}
      <form
        class="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          make();
        }}
      >
        <Field label={t("tokens.label")} hint={t("tokens.label_hint")} error={refusal}>
          {(ids) => (
            <div class="settings-row">
              <input
                {...ids}
                class="input"
                type="text"
                dir="auto"
                autocomplete="off"
                maxLength={LABEL_MAX_CHARS}
                value={label}
                onInput={(event) => setLabel(event.currentTarget.value)}
              />
              <Button kind="primary" type="submit" busy={isBusy} disabled={label.trim() === ""}>
                {t("tokens.make")}
              </Button>
            </div>
          )}
        </Field>
      </form>
    </section>
  );
}

function NewToken({ token }: { token: string }) {
  return (
    <div class="settings-warning" role="status">
      <p>{t("tokens.once")}</p>
      <div class="settings-row token-row">
        <input
          class="input"
          type="text"
          readOnly
          value={token}
          aria-label={t("tokens.secret")}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button icon={Copy} onClick={() => void copyText(token)}>
          {t("tokens.copy")}
        </Button>
      </div>
    </div>
  );
}
