// Links that let people into the workspace: make one, see which ones work and who came by them, end one.
import { Copy, Link } from "lucide-preact";
import { useState } from "preact/hooks";
import { roomList, state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { Button } from "../common/Button";
import { copyText } from "../common/copy";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { Field } from "../common/Field";
import { closeDialog } from "../dialogs";
import { roomName } from "../names";
import { me, rightsOf } from "../selectors";
import { InviteList } from "./InviteList";
import { spanText } from "./spans";
import { useSubmit } from "./useSubmit";
import "../../styles/invite.css";

const DAYS = [1, 7, 30, 365];
const USES = [1, 10, 25, 100, 1_000];
const DAY_S = 86_400;

/** `room`: the one that people are invited to at first. */
export function InviteDialog({ room }: { room: number | null }) {
  const actions = useActions();
  const { workspace } = useConfig();
  const { isBusy, failure, run } = useSubmit();
  const [form, setForm] = useState({ role: "member" as "member" | "guest", room, days: 7, max_uses: 25 });
  const [url, setUrl] = useState<string | null>(null);
  const [made, setMade] = useState(0);
  const rooms = roomList.value.filter(({ state: one }) => rightsOf(one, me.value.role).invite);
  const isGuestNowhere = form.role === "guest" && form.room === null;

  const submit = (): void =>
    run(async () => {
      setUrl(await actions.invite(form));
      setMade(made + 1);
    });
  const change = (fields: Partial<typeof form>): void => {
    setForm({ ...form, ...fields });
    setUrl(null);
  };

  return (
    <Dialog
      title={t("invite.title", { workspace })}
      onClose={closeDialog}
      footer={<Button onClick={closeDialog}>{t("dialog.done")}</Button>}
    >
      <fieldset class="field">
        <legend class="field-label">{t("invite.as")}</legend>
        <div class="choices">
          {(["member", "guest"] as const).map((role) => (
            <label key={role} class="choice">
              <input
                type="radio"
                name="invite-role"
                checked={form.role === role}
                onChange={() => change({ role })}
              />
              <span class="choice-name">{t(`role.${role}`)}</span>
              <span class="choice-hint">{t(`invite.${role}_hint`)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Field label={t("invite.room")} error={isGuestNowhere ? t("invite.room_missing") : null}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={String(form.room ?? "")}
            onChange={({ currentTarget }) =>
              change({ room: currentTarget.value ? Number(currentTarget.value) : null })
            }
          >
            <option value="">{t("invite.no_room")}</option>
            {rooms.map((one) => (
              <option key={one.state.id} value={String(one.state.id)}>
                {roomName(one, state.value)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="invite-bounds">
        <Field label={t("invite.days")}>
          {(ids) => (
            <select
              {...ids}
              class="input"
              value={String(form.days)}
              onChange={({ currentTarget }) => change({ days: Number(currentTarget.value) })}
            >
              {DAYS.map((days) => (
                <option key={days} value={String(days)}>
                  {spanText(days * DAY_S)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t("invite.uses")}>
          {(ids) => (
            <select
              {...ids}
              class="input"
              value={String(form.max_uses)}
              onChange={({ currentTarget }) => change({ max_uses: Number(currentTarget.value) })}
            >
              {USES.map((n) => (
                <option key={n} value={String(n)}>
                  {t("members.count", { n })}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Failure text={failure} />
      {url ? (
        <Field label={t("invite.link")} hint={t("invite.hint")}>
          {(ids) => (
            <div class="invite-link">
              <input
                {...ids}
                class="input"
                readOnly
                value={url}
                dir="ltr"
                onFocus={(event) => event.currentTarget.select()}
              />
              <Button kind="primary" icon={Copy} onClick={() => void copyText(url)}>
                {t("invite.copy")}
              </Button>
            </div>
          )}
        </Field>
      ) : (
        <Button kind="primary" icon={Link} busy={isBusy} disabled={isGuestNowhere} onClick={submit}>
          {t("invite.make")}
        </Button>
      )}
      <InviteList key={made} />
    </Dialog>
  );
}
