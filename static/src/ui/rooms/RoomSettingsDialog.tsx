// What those who run a room can change: name, topic, who finds it, archive, delete.
import { Archive, ArchiveRestore, Trash2 } from "lucide-preact";
import { useState } from "preact/hooks";
import { LIMITS } from "../../protocol";
import type { Room } from "../../store/state";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { FormButtons } from "../common/FormButtons";
import { toast } from "../common/toasts";
import { closeDialog, dialog } from "../dialogs";
import { HoldRow } from "../settings/HoldRow";
import { KeepChoice, useKeeping } from "./KeepChoice";
import { KindChoice, nameProblem, RoomFields, type RoomForm } from "./RoomFields";
import { SpeakingFields, type SpeakingForm } from "./SpeakingFields";
import { useSubmit } from "./useSubmit";
import "../../styles/room-settings.css";
import "../../styles/settings.css";

export function RoomSettingsDialog({ room }: { room: Room }) {
  const actions = useActions();
  const { id, archived } = room.state;
  const [form, setForm] = useState<RoomForm>(() => ({
    name: room.state.name,
    topic: room.state.topic,
    kind: room.state.kind === "closed" ? "closed" : "open",
  }));
  const [speaking, setSpeaking] = useState<SpeakingForm>(() => ({
    posting: room.state.posting,
    slow_s: room.state.slow_s,
    calls: room.state.calls,
  }));
  const [seen, setSeen] = useState(room.state.seen);
  const { isBusy, failure, run } = useSubmit();
  const keeping = useKeeping(id);

  const submit = (): void => {
    if (nameProblem(form.name) || keeping.isBad) return;
    run(async () => {
      await actions.updateRoom(id, {
        ...form,
        ...speaking,
        seen,
        name: form.name.trim(),
        topic: form.topic.trim(),
      });
      await keeping.save();
      closeDialog();
      toast(t("settings.saved"));
    });
  };
  const setArchived = (): void =>
    run(async () => {
      await actions.updateRoom(id, { archived: !archived });
      closeDialog();
      toast(archived ? t("rooms.restored") : t("rooms.archived_now"));
    });

  return (
    <Dialog
      title={t("rooms.settings")}
      onClose={closeDialog}
      onSubmit={submit}
      footer={<FormButtons submit={t("dialog.save")} isBusy={isBusy} onCancel={closeDialog} />}
    >
      <RoomFields form={form} onChange={setForm} isTried />
      <KindChoice value={form.kind} onChange={(kind) => setForm({ ...form, kind })} />
      <SpeakingFields form={speaking} onChange={setSpeaking} />
      <label class="switch-row">
        <input
          type="checkbox"
          class="switch"
          checked={seen}
          onChange={(event) => setSeen(event.currentTarget.checked)}
        />
        <span>
          <span class="switch-name">{t("seen.room")}</span>
          <span class="field-hint">{t("seen.room_hint", { n: LIMITS.SEEN_SHOWN_MAX_COUNT })}</span>
        </span>
      </label>
      <KeepChoice keeping={keeping} />
      <Failure text={failure} />
      <div class="room-end">
        {keeping.rule ? (
          <HoldRow
            hold={keeping.rule.hold}
            of="room"
            isHeldByWorkspace={keeping.isHeldByWorkspace}
            isBusy={isBusy}
            onHold={(on) => run(() => keeping.hold(on))}
          />
        ) : null}
        <div>
          <h3>{archived ? t("rooms.restore") : t("rooms.archive")}</h3>
          <p>{archived ? t("rooms.restore_hint") : t("rooms.archive_hint")}</p>
        </div>
        <Button small icon={archived ? ArchiveRestore : Archive} disabled={isBusy} onClick={setArchived}>
          {archived ? t("rooms.restore") : t("rooms.archive")}
        </Button>
        <div>
          <h3>{t("rooms.delete")}</h3>
          <p>{t("rooms.delete_hint")}</p>
        </div>
        <Button
          small
          icon={Trash2}
          onClick={() => {
            dialog.value = { kind: "delete_room", room: id };
          }}
        >
          {t("rooms.delete")}
        </Button>
      </div>
    </Dialog>
  );
}
