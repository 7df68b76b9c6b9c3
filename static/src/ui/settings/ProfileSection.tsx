// What others see of me.
import { useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { Field } from "../common/Field";
import { toast } from "../common/toasts";
import { nameProblem } from "../rooms/RoomFields";
import { useSubmit } from "../rooms/useSubmit";
import { me } from "../selectors";

export function ProfileSection() {
  const mine = me.value;
  return (
    <section class="settings-card">
      <h2>{t("settings.profile")}</h2>
      <div class="settings-me">
        <Avatar person={mine} size={56} />
        <div>
          <bdi class="settings-name">{mine.name}</bdi>
          <p>
            @{mine.handle}
            {mine.email ? ` · ${mine.email}` : ""}
          </p>
        </div>
      </div>
      <NameForm />
    </section>
  );
}

function NameForm() {
  const actions = useActions();
  const [name, setName] = useState(me.peek().name);
  const { isBusy, failure, run } = useSubmit();
  const problem = nameProblem(name);
  const isSame = name.trim() === me.value.name;
  return (
    <form
      class="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (problem || isSame) return;
        run(async () => {
          await actions.updateMe({ name: name.trim() });
          toast(t("settings.saved"));
        });
      }}
    >
      <Field label={t("settings.name")} hint={t("settings.name_hint")} error={problem ?? failure}>
        {(ids) => (
          <div class="settings-row">
            <input
              {...ids}
              class="input"
              type="text"
              autocomplete="name"
              dir="auto"
              maxLength={LIMITS.NAME_MAX_CHARS}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <Button kind="primary" type="submit" busy={isBusy} disabled={isSame || problem !== null}>
              {t("dialog.save")}
            </Button>
          </div>
        )}
      </Field>
    </form>
  );
}
