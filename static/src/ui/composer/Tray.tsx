// The files that go with the text: how far each has come, what is to be seen on it, and a way out.
import { RotateCcw, X } from "lucide-preact";
import { LIMITS } from "../../protocol";
import { type Upload, uploads } from "../../store/uploads";
import { sizeOf } from "../../text/sizes";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { FileIcon } from "../common/FileIcon";
import { IconButton } from "../common/IconButton";
import { codeText } from "../errors";
import { removeFile, trayOf } from "./trays";
import "../../styles/tray.css";

export function Tray({ place }: { place: string }) {
  const shown = trayOf(place).flatMap((key) => uploads.value.get(key) ?? []);
  if (shown.length === 0) return null;
  return (
    <ul class="tray" aria-label={t("files.tray")}>
      {shown.map((upload) => (
        <Item key={upload.key} upload={upload} place={place} />
      ))}
    </ul>
  );
}

function Item({ upload, place }: { upload: Upload; place: string }) {
  const actions = useActions();
  const { key, name, status, picture } = upload;
  return (
    <li class="tray-item" data-status={status}>
      {picture === null ? <FileIcon name={name} /> : <img class="tray-picture" src={picture} alt="" />}
      <div class="tray-words">
        <bdi class="tray-name" title={name}>
          {name}
        </bdi>
        <UploadState upload={upload} />
        {picture === null || status === "failed" ? null : (
          <input
            class="tray-alt"
            type="text"
            dir="auto"
            value={upload.alt}
            maxLength={LIMITS.ALT_MAX_CHARS}
            placeholder={t("files.alt")}
            aria-label={t("files.alt_of", { name })}
            onInput={(event) => actions.describeUpload(key, event.currentTarget.value)}
            onKeyDown={(event) => {
              // It would send the message while it is being described.
              if (event.key === "Enter") event.preventDefault();
            }}
          />
        )}
      </div>
      {status === "failed" ? (
        <IconButton
          icon={RotateCcw}
          small
          label={t("files.retry", { name })}
          onClick={() => actions.retryUpload(key)}
        />
      ) : null}
      <IconButton
        icon={X}
        small
        label={t("files.remove", { name })}
        onClick={() => removeFile(actions, place, key)}
      />
    </li>
  );
}

/** How far an upload has come, or why it has not. */
export function UploadState({ upload }: { upload: Upload }) {
  const { status, sent, bytes, error, name } = upload;
  if (status === "failed") {
    return (
      <span class="tray-state tray-failed" role="alert">
        {error?.code === "too_long"
          ? t("files.too_large_there")
          : codeText(error?.code ?? "unknown", error?.detail ?? "")}
      </span>
    );
  }
  if (status === "stored") return <span class="tray-state">{sizeOf(bytes)}</span>;
  const percent = bytes === 0 ? 0 : Math.floor((100 * sent) / bytes);
  return (
    <span class="tray-state" role={status === "paused" ? "status" : undefined}>
      <progress class="tray-progress" max={100} value={percent} aria-label={t("files.sending", { name })} />
      {status === "paused" ? (
        <span>{t("files.paused", { n: percent })}</span>
      ) : (
        <span aria-hidden="true">{t("files.percent", { n: percent })}</span>
      )}
    </span>
  );
}
