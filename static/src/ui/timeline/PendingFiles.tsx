// The files of a message of mine that is not stored yet, and how far each has come.
import { type SentFile, uploads } from "../../store/uploads";
import { sizeOf } from "../../text/sizes";
import { t } from "../../text/t";
import { FileIcon } from "../common/FileIcon";
import { UploadState } from "../composer/Tray";

export function PendingFiles({ files }: { files: readonly SentFile[] }) {
  if (files.length === 0) return null;
  return (
    <ul class="tray tray-pending" aria-label={t("files.label")}>
      {files.map(({ key, name, bytes }) => {
        const upload = uploads.value.get(key);
        return (
          <li key={key} class="tray-item">
            {upload?.picture ? (
              <img class="tray-picture" src={upload.picture} alt="" />
            ) : (
              <FileIcon name={name} />
            )}
            <div class="tray-words">
              <bdi class="tray-name">{name}</bdi>
              {upload ? <UploadState upload={upload} /> : <span class="tray-state">{sizeOf(bytes)}</span>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
