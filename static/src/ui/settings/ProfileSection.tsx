// What others see of me: my face, my names, what I do.
import { ImageUp, Trash2 } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ActionError, type MeUpdate } from "../../net/actions";
import { LIMITS, type Profile } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { Field } from "../common/Field";
import { Failed, Skeleton } from "../common/States";
import { tell, toast } from "../common/toasts";
import { dialog, openDialog } from "../dialogs";
import { errorText } from "../errors";
import { DoingMark, useDoing } from "../profile/Doing";
import { nameProblem } from "../rooms/RoomFields";
import { useSubmit } from "../rooms/useSubmit";
import { me } from "../selectors";
import { ReadingCard } from "./ReadingCard";

export function ProfileSection() {
  const actions = useActions();
  const [profile, setProfile] = useState<Profile | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const read = (): void => {
    setFailure(null);
    actions.profile(me.peek().id).then(setProfile, (error: unknown) => setFailure(errorText(error)));
  };
  useEffect(read, [actions]);
  return (
    <>
      <section class="settings-card">
        <h2>{t("settings.profile")}</h2>
        <FaceRow />
        <DoingRow />
        {failure ? <Failed text={failure} onRetry={read} /> : null}
        {profile ? <ProfileForm profile={profile} onSaved={setProfile} /> : null}
        {!profile && !failure ? <Skeleton rows={3} /> : null}
      </section>
      <ReadingCard />
    </>
  );
}

function FaceRow() {
  const actions = useActions();
  const field = useRef<HTMLInputElement>(null);
  const mine = me.value;
  return (
    <div class="settings-me">
      <Avatar person={mine} size={96} />
      <div>
        <bdi class="settings-name">{mine.name}</bdi>
        <p>
          @{mine.handle}
          {mine.email ? ` · ${mine.email}` : ""}
        </p>
        <div class="settings-buttons settings-face">
          <input
            ref={field}
            class="unseen"
            type="file"
            tabIndex={-1}
            aria-hidden="true"
            accept="image/png,image/jpeg,image/gif,image/webp"
            onChange={(event) => {
              const picture = event.currentTarget.files?.[0];
              event.currentTarget.value = "";
              if (picture) dialog.value = { kind: "face", picture };
            }}
          />
          <Button small icon={ImageUp} onClick={() => field.current?.click()}>
            {mine.avatar ? t("face.other") : t("face.choose")}
          </Button>
          {mine.avatar ? (
            <Button small icon={Trash2} onClick={() => void tell(actions.setFace(null))}>
              {t("face.remove")}
            </Button>
          ) : null}
        </div>
      </div>
    </div>
  );
}

function DoingRow() {
  const doing = useDoing(me.value.doing);
  return (
    <div class="settings-line">
      <p>{doing ? <DoingMark doing={doing} hasWords hasEnd /> : t("doing.none")}</p>
      <Button small onClick={() => openDialog("doing")}>
        {doing ? t("doing.change") : t("doing.title")}
      </Button>
    </div>
  );
}

const FIELDS = ["name", "handle", "title", "pronouns"] as const;
type Fields = Record<(typeof FIELDS)[number], string>;

const MOST: Record<keyof Fields, number> = {
  name: LIMITS.NAME_MAX_CHARS,
  handle: LIMITS.HANDLE_MAX_CHARS,
  title: LIMITS.TITLE_MAX_CHARS,
  pronouns: LIMITS.PRONOUNS_MAX_CHARS,
};
const WORDS = { name: "name", handle: "handle", title: "job", pronouns: "pronouns" } as const;
const COMPLETE = { name: "name", handle: "username", title: "organization-title", pronouns: "off" } as const;

interface ProfileFormProps {
  profile: Profile;
  onSaved: (profile: Profile) => void;
}

function ProfileForm({ profile, onSaved }: ProfileFormProps) {
  const actions = useActions();
  const [fields, setFields] = useState<Fields>(() => fieldsOf(profile));
  const { isBusy, failure, run } = useSubmit();
  const [taken, setTaken] = useState("");
  const problem = nameProblem(fields.name);
  const changed = FIELDS.filter((name) => fields[name].trim() !== profile[name]);
  const errors: Partial<Fields> = {
    ...(problem ? { name: problem } : {}),
    ...(taken !== "" && taken === fields.handle ? { handle: t("settings.handle_taken") } : {}),
  };

  const save = (): void => {
    if (problem || changed.length === 0) return;
    run(async () => {
      const update: MeUpdate = Object.fromEntries(changed.map((name) => [name, fields[name].trim()]));
      try {
        const stored = await actions.updateMe(update);
        const next = { ...profile, ...update, name: stored.name, handle: stored.handle };
        onSaved(next);
        setFields(fieldsOf(next));
        toast(t("settings.saved"));
      } catch (error) {
        if (!(error instanceof ActionError) || error.code !== "conflict") throw error;
        setTaken(fields.handle);
      }
    });
  };

  return (
    <form
      class="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      {FIELDS.map((name) => (
        <Field
          key={name}
          label={t(`settings.${WORDS[name]}`)}
          hint={t(`settings.${WORDS[name]}_hint`)}
          error={errors[name] ?? null}
        >
          {(ids) => (
            <input
              {...ids}
              class="input"
              type="text"
              dir="auto"
              autocomplete={COMPLETE[name]}
              autocapitalize={name === "handle" ? "none" : undefined}
              spellcheck={name === "handle" ? false : undefined}
              maxLength={MOST[name]}
              value={fields[name]}
              onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <Failure text={failure} />
      <div class="settings-buttons">
        <Button
          kind="primary"
          type="submit"
          busy={isBusy}
          disabled={changed.length === 0 || problem !== null || errors.handle !== undefined}
        >
          {t("dialog.save")}
        </Button>
      </div>
    </form>
  );
}

function fieldsOf({ name, handle, title, pronouns }: Profile): Fields {
  return { name, handle, title, pronouns };
}
