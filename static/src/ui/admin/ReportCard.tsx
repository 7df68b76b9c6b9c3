// One reported message: what was said, by whom it was reported and why, and what can be done.

import { useState } from "preact/hooks";
import { fullOf, shortOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { toast } from "../common/toasts";
import { DurationField } from "../moderation/DurationField";
import { ReasonField } from "../moderation/ReasonField";
import { useSubmit } from "../rooms/useSubmit";
import { follow, roomPath } from "../route";
import type { Nearby, Report, ReportedMessage, Resolution } from "./calls";
import * as calls from "./calls";

interface ReportCardProps {
  item: ReportedMessage;
  isOpen: boolean;
  onDone: () => void;
}

export function ReportCard({ item, isOpen, onDone }: ReportCardProps) {
  const { message, said, room, context, reports } = item;
  const [isAsking, setAsking] = useState(false);
  const { rest } = useActions();
  const { isBusy, failure, run } = useSubmit();
  const isDeleted = message.deleted_at !== null;
  const isEdited = !isDeleted && said !== message.body;
  return (
    <article class="settings-card report-card" aria-label={t("reports.of", { name: message.sender.name })}>
      <p class="report-where">
        {room.kind === "direct" ? (
          t("reports.in_conversation")
        ) : item.may_read ? (
          <a href={`${roomPath(room.id)}?seq=${message.seq}`} onClick={follow}>
            <bdi>{room.name}</bdi>
          </a>
        ) : (
          <bdi>{room.name}</bdi>
        )}
        {" · "}
        <time dateTime={message.at} title={fullOf(message.at)}>
          {shortOf(message.at)}
        </time>
      </p>
      <Around items={context.filter((one) => one.is_before)} />
      <div class="report-message">
        <Avatar person={message.sender} size={36} />
        <div class="report-words">
          <bdi class="admin-row-name">{message.sender.name}</bdi>
          <p class="report-said" dir="auto">
            {said || t(isDeleted ? "reports.deleted" : "report.files_only")}
          </p>
          {isEdited ? (
            <p class="report-note">
              {t("reports.edited")} <bdi>“{message.body}”</bdi>
            </p>
          ) : null}
          {isDeleted && said ? <p class="report-note">{t("reports.deleted")}</p> : null}
        </div>
      </div>
      <Around items={context.filter((one) => !one.is_before)} />
      <ul class="report-list" aria-label={t("reports.said_about")}>
        {reports.map((one) => (
          <Reason key={one.id} report={one} />
        ))}
        {item.count > reports.length ? (
          <li class="admin-none">{t("reports.and_more", { n: item.count - reports.length })}</li>
        ) : null}
      </ul>
      <Failure text={failure} />
      {isOpen ? (
        <div class="settings-buttons">
          <Button kind="primary" onClick={() => setAsking(true)}>
            {t("reports.act")}
          </Button>
          <Button
            busy={isBusy}
            onClick={() =>
              run(async () => {
                await calls.resolveReports(rest, message.id, { resolution: "dismissed" });
                toast(t("reports.dismissed"));
                onDone();
              })
            }
          >
            {t("reports.dismiss")}
          </Button>
        </div>
      ) : null}
      {isAsking ? <ActDialog item={item} onClose={() => setAsking(false)} onDone={onDone} /> : null}
    </article>
  );
}

function Around({ items }: { items: Nearby[] }) {
  if (items.length === 0) return null;
  return (
    <ul class="report-around" aria-label={t("reports.around")}>
      {items.map((one) => (
        <li key={one.id}>
          <bdi class="report-around-name">{one.sender.name}</bdi> <span dir="auto">{one.body}</span>
        </li>
      ))}
    </ul>
  );
}

function Reason({ report }: { report: Report }) {
  return (
    <li>
      <strong>{t(`report.kind_${report.kind}`)}</strong>
      {report.text ? (
        <>
          {": "}
          <bdi>{report.text}</bdi>
        </>
      ) : null}
      <span class="report-by">
        <bdi>{report.by.name}</bdi> · {shortOf(report.at)}
        {report.resolution ? ` · ${t(`resolution.${report.resolution}`)}` : ""}
        {report.resolved_by ? ` (${report.resolved_by.name})` : ""}
      </span>
    </li>
  );
}

interface ActDialogProps {
  item: ReportedMessage;
  onClose: () => void;
  onDone: () => void;
}

const ACTS = ["deleted", "muted", "removed", "banned", "settled"] as const;

/** Choose what is done; it says to whom and where. */
function ActDialog({ item, onClose, onDone }: ActDialogProps) {
  const { rest } = useActions();
  const { message, room } = item;
  const isDirect = room.kind === "direct";
  const acts = isDirect ? ["settled" as const] : ACTS;
  const [act, setAct] = useState<Resolution>(acts[0] ?? "settled");
  const [minutes, setMinutes] = useState<number | null>(1_440);
  const [reason, setReason] = useState("");
  const [withMessage, setWithMessage] = useState(true);
  const { isBusy, failure, run } = useSubmit();
  const isTimed = act === "muted" || act === "banned";
  const isOfPerson = isTimed || act === "removed";
  const name = message.sender.name;
  return (
    <Dialog
      title={t("reports.act_title", { name })}
      onClose={onClose}
      onSubmit={() =>
        run(async () => {
          await calls.resolveReports(rest, message.id, {
            resolution: act,
            ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
            ...(isTimed && minutes !== null ? { minutes } : {}),
            ...(isOfPerson && withMessage ? { delete: true } : {}),
          });
          onClose();
          toast(t("reports.done"));
          onDone();
        })
      }
      footer={
        <>
          <Button onClick={onClose}>{t("dialog.cancel")}</Button>
          <Button kind={act === "settled" ? "primary" : "danger"} type="submit" busy={isBusy}>
            {t(`reports.act_${act as (typeof ACTS)[number]}`)}
          </Button>
        </>
      }
    >
      {isDirect ? <p class="dialog-note">{t("reports.in_conversation_hint")}</p> : null}
      <fieldset class="choices">
        <legend class="unseen">{t("moderate.what")}</legend>
        {acts.map((one) => (
          <label key={one} class="choice">
            <input type="radio" name="act" checked={act === one} onChange={() => setAct(one)} />
            <span class="choice-name">{t(`reports.act_${one}`)}</span>
            <span class="choice-hint">{t(`reports.act_${one}_hint`, { name, room: room.name })}</span>
          </label>
        ))}
      </fieldset>
      {isTimed ? <DurationField value={minutes} onChange={setMinutes} /> : null}
      <ReasonField
        value={reason}
        onInput={setReason}
        hint={act === "settled" ? t("admin.reason_hint") : t("moderate.reason_hint")}
      />
      {isOfPerson && message.deleted_at === null ? (
        <label class="switch-row">
          <input
            class="switch"
            type="checkbox"
            checked={withMessage}
            onChange={(event) => setWithMessage(event.currentTarget.checked)}
          />
          <span class="switch-name">{t("moderate.with_message")}</span>
        </label>
      ) : null}
      <Failure text={failure} />
    </Dialog>
  );
}
