// What a group is, where somebody calls it: its name, and who is in it.
import { AtSign } from "lucide-preact";
import { ActionError } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Popover } from "../common/Popover";
import { Failed, Skeleton } from "../common/States";
import { useRead } from "../common/useRead";
import { errorText } from "../errors";
import { closeCard, type OpenGroup } from "../profile/card";
import { go } from "../route";
import { People } from "./GroupsSection";
import { groupOf } from "./requests";
import "../../styles/profile.css";
import "../../styles/mention-list.css";
import "../../styles/groups.css";

export function GroupCard({ group: id, anchor }: OpenGroup) {
  const { rest } = useActions();
  const {
    value: group,
    failure,
    again,
  } = useRead(
    String(id),
    () => groupOf(rest, id),
    (error) =>
      error instanceof ActionError && error.code === "not_found" ? t("groups.gone") : errorText(error),
  );

  return (
    <Popover
      anchor={anchor}
      onClose={closeCard}
      label={group?.name ?? t("groups.title")}
      class="profile-card"
    >
      {group ? (
        <>
          <div class="profile-top">
            <span class="group-sign">
              <AtSign size={20} strokeWidth={2} aria-hidden="true" />
            </span>
            <div class="profile-names">
              <p class="profile-name">
                <bdi>{group.name}</bdi>
              </p>
              <p class="profile-meta">
                @{group.handle} · {t("calls.people", { n: group.members })}
              </p>
            </div>
          </div>
          <People group={group} />
          {group.may_change ? (
            <div class="profile-buttons">
              <Button
                small
                onClick={() => {
                  closeCard();
                  go("/settings/groups/");
                }}
              >
                {t("groups.open")}
              </Button>
            </div>
          ) : null}
        </>
      ) : null}
      {!group && !failure ? <Skeleton rows={3} /> : null}
      {failure ? <Failed text={failure} onRetry={again} /> : null}
    </Popover>
  );
}
