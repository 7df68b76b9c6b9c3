// Who somebody is: the face, what they tell of themselves, whether they are there, what time it is with them.
import { Clock, MessageCircle, Settings } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import { ActionError } from "../../net/actions";
import { state } from "../../store/signals";
import { zonedTimeOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar, statusText } from "../common/Avatar";
import { Button } from "../common/Button";
import { Popover } from "../common/Popover";
import { Failed } from "../common/States";
import { tell } from "../common/toasts";
import { useRead } from "../common/useRead";
import { openDialog } from "../dialogs";
import { errorText } from "../errors";
import { go, roomPath } from "../route";
import { me } from "../selectors";
import { closeCard, type OpenCard } from "./card";
import { DoingMark } from "./Doing";
import "../../styles/profile.css";

export function ProfileCard({ user: id, anchor }: OpenCard) {
  const actions = useActions();
  const {
    value: profile,
    failure,
    again,
  } = useRead(
    String(id),
    () => actions.profile(id),
    (error) =>
      error instanceof ActionError && error.code === "not_found" ? t("profile.gone") : errorText(error),
  );
  // What is known already is there at once; what comes live is newer than what was read.
  const known = state.value.users.get(id);
  const person = known ?? profile;
  const isMe = id === me.value.id;

  return (
    <Popover
      anchor={anchor}
      onClose={closeCard}
      label={person?.name ?? t("profile.label")}
      class="profile-card"
    >
      {person ? (
        <>
          <div class="profile-top">
            <Avatar person={person} size={96} status={person.status} />
            <div class="profile-names">
              <p class="profile-name">
                <bdi>{person.name}</bdi>
                {person.is_bot ? <span class="bot-mark">{t("people.bot")}</span> : null}
              </p>
              <p class="profile-meta">
                @{person.handle}
                {profile?.pronouns ? (
                  <>
                    {" · "}
                    <bdi>{profile.pronouns}</bdi>
                  </>
                ) : null}
              </p>
              {person.status === "unknown" ? null : <p class="profile-meta">{statusText(person.status)}</p>}
            </div>
          </div>
          {profile?.title ? (
            <p class="profile-title">
              <bdi>{profile.title}</bdi>
            </p>
          ) : null}
          {person.doing ? (
            <p class="profile-doing">
              <DoingMark doing={person.doing} hasWords hasEnd />
            </p>
          ) : null}
          {profile?.time_zone ? <LocalTime zone={profile.time_zone} /> : null}
        </>
      ) : null}
      {failure ? <Failed text={failure} onRetry={again} /> : null}
      {person && !failure ? (
        <div class="profile-buttons">
          {isMe ? (
            <>
              <Button
                small
                icon={Settings}
                onClick={() => {
                  closeCard();
                  go("/settings/profile/");
                }}
              >
                {t("profile.edit")}
              </Button>
              <Button
                small
                onClick={() => {
                  closeCard();
                  openDialog("doing");
                }}
              >
                {t("doing.title_short")}
              </Button>
            </>
          ) : (
            <Button
              small
              kind="primary"
              icon={MessageCircle}
              onClick={() => {
                closeCard();
                void tell(actions.openDirect([id]).then((room) => go(roomPath(room))));
              }}
            >
              {t("people.message")}
            </Button>
          )}
        </div>
      ) : null}
    </Popover>
  );
}

const TICK_MS = 15_000;

function LocalTime({ zone }: { zone: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const time = zonedTimeOf(now, zone);
  return time ? (
    <p class="profile-time">
      <Clock size={15} strokeWidth={1.75} aria-hidden="true" />
      {t("profile.local_time", { time })}
    </p>
  ) : null;
}
