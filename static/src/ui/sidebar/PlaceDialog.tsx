// In which part of my left column a room stands.
import { FolderPlus } from "lucide-preact";
import { useState } from "preact/hooks";
import { FAVOURITES, moved, PLAIN, placeOf } from "../../store/sidebar";
import { state } from "../../store/signals";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { FormButtons } from "../common/FormButtons";
import { closeDialog, dialog } from "../dialogs";
import { roomName } from "../names";
import { useSubmit } from "../rooms/useSubmit";

export function PlaceDialog({ room }: { room: Room }) {
  const actions = useActions();
  const { isBusy, failure, run } = useSubmit();
  const { id, kind } = room.state;
  const sidebar = state.value.sidebar ?? PLAIN;
  const [chosen, setChosen] = useState<string | null>(() => placeOf(sidebar, id));
  const choices: [string | null, string][] = [
    [FAVOURITES, t("sidebar.favourites")],
    ...sidebar.sections.map((section): [string, string] => [section.id, section.name]),
    [null, t(kind === "direct" ? "sidebar.directs" : "sidebar.rooms")],
  ];
  const submit = (): void =>
    run(async () => {
      if (chosen !== placeOf(sidebar, id)) await actions.arrange(moved(id, chosen));
      closeDialog();
    });
  return (
    <Dialog
      title={t("place.title", { name: roomName(room, state.value) })}
      width="narrow"
      onClose={closeDialog}
      onSubmit={submit}
      footer={<FormButtons submit={t("place.submit")} isBusy={isBusy} onCancel={closeDialog} />}
    >
      <fieldset class="field">
        <legend class="unseen">{t("place.where")}</legend>
        <div class="choices">
          {choices.map(([place, name]) => (
            <label key={place ?? ""} class="choice">
              <input type="radio" name="place" checked={chosen === place} onChange={() => setChosen(place)} />
              <bdi class="choice-name">{name}</bdi>
            </label>
          ))}
        </div>
      </fieldset>
      <Button
        small
        icon={FolderPlus}
        onClick={() => {
          dialog.value = { kind: "section", section: null, room: id };
        }}
      >
        {t("section.new")}
      </Button>
      <Failure text={failure} />
    </Dialog>
  );
}
