// Every text that a message has had.
import { useEffect, useState } from "preact/hooks";
import type { Version } from "../../net/actions";
import type { Message } from "../../protocol";
import { fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failed, Skeleton } from "../common/States";
import { closeDialog } from "../dialogs";
import { errorText } from "../errors";
import { changedPieces } from "./pieces";
import "../../styles/marks.css";

export function VersionsDialog({ message }: { message: Message }) {
  const actions = useActions();
  const [found, setFound] = useState<readonly Version[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const load = (cursor: string | null): void => {
    setBusy(true);
    setFailure(null);
    actions
      .versions(message.id, cursor)
      .then(
        (page) => {
          setFound((before) => [...(cursor ? (before ?? []) : []), ...page.items]);
          setNext(page.next);
        },
        (error: unknown) => setFailure(errorText(error)),
      )
      .finally(() => setBusy(false));
  };
  useEffect(() => load(null), []);

  const texts = [{ body: message.body, until: null as string | null }, ...(found ?? [])];
  return (
    <Dialog title={t("versions.title")} onClose={closeDialog}>
      <ol class="versions">
        {texts.map((version, at) => (
          <li key={version.until ?? "now"} class="version">
            <p class="version-when">
              {version.until ? t("versions.until", { when: fullOf(version.until) }) : t("versions.now")}
            </p>
            <p class="version-text" dir="auto">
              {changedPieces(texts[at + 1]?.body ?? null, version.body).map((piece, index) =>
                piece.isNew ? <ins key={index}>{piece.text}</ins> : <span key={index}>{piece.text}</span>,
              )}
            </p>
          </li>
        ))}
      </ol>
      {!found && !failure ? <Skeleton rows={2} /> : null}
      {failure ? <Failed text={failure} onRetry={() => load(next)} /> : null}
      {next && !failure ? (
        <Button small busy={isBusy} onClick={() => load(next)}>
          {t("versions.more")}
        </Button>
      ) : null}
    </Dialog>
  );
}
