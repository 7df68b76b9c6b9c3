// The dialog that is open, if one is.
import { useEffect } from "preact/hooks";
import { isShown } from "../../store/changes";
import { state } from "../../store/signals";
import { closeDialog, dialog } from "../dialogs";
import { RemindDialog } from "../later/RemindDialog";
import { AddPeopleDialog } from "../rooms/AddPeopleDialog";
import { DeleteMessageDialog, DeleteRoomDialog, LeaveRoomDialog } from "../rooms/ConfirmDialogs";
import { CreateRoomDialog } from "../rooms/CreateRoomDialog";
import { InviteDialog } from "../rooms/InviteDialog";
import { LevelDialog } from "../rooms/LevelDialog";
import { NameDialog } from "../rooms/NameDialog";
import { NewDirectDialog } from "../rooms/NewDirectDialog";
import { RoomSettingsDialog } from "../rooms/RoomSettingsDialog";
import { EraseMeDialog } from "../settings/EraseMeDialog";
import { PlaceDialog } from "../sidebar/PlaceDialog";
import { SectionDialog } from "../sidebar/SectionDialog";
import { HelpDialog } from "./HelpDialog";
import { Lightbox } from "./Lightbox";
import { lazily } from "./lazily";
import { Switcher } from "./Switcher";

const DoingDialog = lazily(async () => (await import("../profile/DoingDialog")).DoingDialog);
const FaceDialog = lazily(async () => (await import("../profile/FaceDialog")).FaceDialog);
const ForwardDialog = lazily(async () => (await import("../marks/ForwardDialog")).ForwardDialog);
const VersionsDialog = lazily(async () => (await import("../marks/VersionsDialog")).VersionsDialog);

/** What was open here has gone. */
function Closing() {
  useEffect(closeDialog, []);
  return null;
}

export function Dialogs() {
  const open = dialog.value;
  if (!open) return null;
  switch (open.kind) {
    case "room":
      return <CreateRoomDialog />;
    case "direct":
      return <NewDirectDialog people={open.people ?? []} />;
    case "invite":
      return <InviteDialog room={open.room ?? null} />;
    case "switcher":
      return <Switcher />;
    case "help":
      return <HelpDialog />;
    case "delete_message":
      return <DeleteMessageDialog message={open.message} />;
    case "remind":
      return <RemindDialog message={open.message} />;
    case "doing":
      return <DoingDialog onClose={closeDialog} />;
    case "face":
      return <FaceDialog picture={open.picture} onClose={closeDialog} />;
    case "forward":
      return <ForwardDialog messages={open.messages} />;
    case "versions":
      return <VersionsDialog message={open.message} />;
    case "erase_me":
      return <EraseMeDialog />;
    case "section":
      return <SectionDialog section={open.section} room={open.room} />;
    case "picture":
      // So does a message its pictures.
      if (!isShown(state.value, open.room, open.message)) return <Closing />;
      return <Lightbox pictures={open.pictures} at={open.at} />;
    default: {
      // A room that is gone meanwhile takes its dialog with it.
      const room = state.value.rooms.get(open.room);
      if (!room) return null;
      if (open.kind === "add_people") return <AddPeopleDialog room={room} />;
      if (open.kind === "room_settings") return <RoomSettingsDialog room={room} />;
      if (open.kind === "place") return <PlaceDialog room={room} />;
      if (open.kind === "room_level") return <LevelDialog room={room} />;
      if (open.kind === "room_name") return <NameDialog room={room} />;
      return open.kind === "leave_room" ? <LeaveRoomDialog room={room} /> : <DeleteRoomDialog room={room} />;
    }
  }
}
