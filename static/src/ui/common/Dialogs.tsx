// The dialog that is open, if one is.
import { useEffect } from "preact/hooks";
import { isShown } from "../../store/changes";
import { state } from "../../store/signals";
import { closeDialog, dialog } from "../dialogs";
import { RemindDialog } from "../later/RemindDialog";
import { AddPeopleDialog } from "../rooms/AddPeopleDialog";
import {
  ClosePollDialog,
  DeleteMessageDialog,
  DeleteRoomDialog,
  LeaveRoomDialog,
} from "../rooms/ConfirmDialogs";
import { CreateRoomDialog } from "../rooms/CreateRoomDialog";
import { InviteDialog } from "../rooms/InviteDialog";
import { LevelDialog } from "../rooms/LevelDialog";
import { NameDialog } from "../rooms/NameDialog";
import { NewDirectDialog } from "../rooms/NewDirectDialog";
import { RoomSettingsDialog } from "../rooms/RoomSettingsDialog";
import { EraseMeDialog } from "../settings/EraseMeDialog";
import { HelpDialog } from "../shortcuts/HelpDialog";
import { PlaceDialog } from "../sidebar/PlaceDialog";
import { SectionDialog } from "../sidebar/SectionDialog";
import { Switcher } from "../switcher/Switcher";
import { RoomLightbox } from "./Lightbox";
import { lazily } from "./lazily";

const DoingDialog = lazily(async () => (await import("../profile/DoingDialog")).DoingDialog);
const EmojiDialog = lazily(async () => (await import("../emoji/EmojiDialog")).EmojiDialog, { isQuiet: true });
const FaceDialog = lazily(async () => (await import("../profile/FaceDialog")).FaceDialog);
const PdfDialog = lazily(async () => (await import("./PdfDialog")).PdfDialog, { isQuiet: true });
const PollDialog = lazily(async () => (await import("../polls/PollDialog")).PollDialog);
const ForwardDialog = lazily(async () => (await import("../marks/ForwardDialog")).ForwardDialog);
const VersionsDialog = lazily(async () => (await import("../marks/VersionsDialog")).VersionsDialog);
const CallDialog = lazily(async () => (await import("../composer/CallDialog")).CallDialog, { isQuiet: true });
const SeenDialog = lazily(async () => (await import("../seen/SeenDialog")).SeenDialog);
const ReportDialog = lazily(async () => (await import("../moderation/ReportDialog")).ReportDialog, {
  isQuiet: true,
});
const ModerateDialog = lazily(async () => (await import("../moderation/ModerateDialog")).ModerateDialog, {
  isQuiet: true,
});

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
    case "report":
      return <ReportDialog message={open.message} />;
    case "moderate":
      return <ModerateDialog {...open} />;
    case "poll":
      return <PollDialog {...open} />;
    case "call":
      return <CallDialog {...open} />;
    case "close_poll":
      return <ClosePollDialog message={open.message} />;
    case "remind":
      return <RemindDialog message={open.message} />;
    case "doing":
      return <DoingDialog onClose={closeDialog} />;
    case "emoji":
      return <EmojiDialog name={open.name} onClose={closeDialog} />;
    case "face":
      return <FaceDialog picture={open.picture} onClose={closeDialog} />;
    case "forward":
      return <ForwardDialog messages={open.messages} />;
    case "versions":
      return <VersionsDialog message={open.message} />;
    case "seen":
      return <SeenDialog message={open.message} />;
    case "erase_me":
      return <EraseMeDialog />;
    case "section":
      return <SectionDialog section={open.section} room={open.room} />;
    case "pdf":
      if (!isShown(state.value, open.room, open.message)) return <Closing />;
      return <PdfDialog file={open.file} />;
    case "picture":
      // So does a message its pictures.
      if (!isShown(state.value, open.room, open.message)) return <Closing />;
      return <RoomLightbox pictures={open.pictures} at={open.at} room={open.room} />;
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
