// Which files stand beside the text that is being written, one tray a place; they stay while another room is open.
import type { Actions } from "../../net/actions";
import { LIMITS } from "../../protocol";
import { putTray, type SentFile, trays, uploads } from "../../store/uploads";
import { sizeOf } from "../../text/sizes";
import { t } from "../../text/t";
import { toast } from "../common/toasts";

/** Room and thread as the name of a tray, the same as that of a draft. */
export function placeOf(room: number, parent: number | null): string {
  return parent === null ? String(room) : `${room}.${parent}`;
}

/** The keys of the files that wait in a place. */
export function trayOf(place: string): readonly string[] {
  return trays.value.get(place) ?? [];
}

/** Put files into a tray and begin to upload them; what cannot go is refused in words before it is read. */
export function addFiles(actions: Actions, place: string, files: readonly File[], mostBytes: number): void {
  const free = LIMITS.ATTACHMENTS_MAX_COUNT - trayOf(place).length;
  const fitting = files.filter((file) => {
    const { name, size } = file;
    if (size > mostBytes)
      toast(t("files.too_large", { name, size: sizeOf(size), most: sizeOf(mostBytes) }), "error");
    // A folder that was dragged here looks like this, too.
    else if (size === 0) toast(t("files.empty", { name }), "error");
    return size > 0 && size <= mostBytes;
  });
  if (fitting.length > free) toast(t("files.too_many", { n: LIMITS.ATTACHMENTS_MAX_COUNT }), "error");
  const keys = fitting.slice(0, Math.max(0, free)).map((file) => actions.upload(file, place));
  if (keys.length > 0) putTray(place, [...trayOf(place), ...keys]);
}

/** Take a file out of its tray and throw it away. */
export function removeFile(actions: Actions, place: string, key: string): void {
  putTray(
    place,
    trayOf(place).filter((other) => other !== key),
  );
  actions.cancelUpload(key);
}

/** Empty a tray into a message. */
export function takeFiles(place: string): SentFile[] {
  const taken = trayOf(place).flatMap((key) => {
    const found = uploads.value.get(key);
    if (!found) return [];
    const { name, type, bytes, upload, alt } = found;
    return [{ key, name, type, bytes, upload, alt }];
  });
  putTray(place, []);
  return taken;
}
