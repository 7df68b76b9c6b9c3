// All who have read a message, in pages, and how many that is of how many.
import { useEffect, useState } from "preact/hooks";
import type { SeenPage } from "../../net/actions";
import type { Message } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar, statusText } from "../common/Avatar";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failed, Skeleton } from "../common/States";
import { closeDialog } from "../dialogs";
import { errorText } from "../errors";
import "../../styles/seen.css";

export function SeenDialog({ message }: { message: Message }) {
  const actions = useActions();
  const [page, setPage] = useState<SeenPage | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const load = (cursor: string | null): void => {
    setBusy(true);
    setFailure(null);
    actions
      .seenBy(message.id, cursor)
      .then(
        (found) =>
          setPage((before) => {
            const items = cursor ? (before?.items ?? []) : [];
            const known = new Set(items.map(({ id }) => id));
            return { ...found, items: [...items, ...found.items.filter(({ id }) => !known.has(id))] };
          }),
        (error: unknown) => setFailure(errorText(error)),
      )
      .finally(() => setBusy(false));
  };
  useEffect(() => load(null), []);

  return (
    <Dialog title={t("seen.title")} width="narrow" onClose={closeDialog}>
      {page ? (
        <p class="seen-count" role="status">
          {page.count === 0 ? t("seen.nobody") : t("seen.count", { n: page.count, of: page.of })}
        </p>
      ) : null}
      {!page && !failure ? <Skeleton rows={3} /> : null}
      {page && page.items.length > 0 ? (
        <ul class="seen-list" aria-label={t("seen.title")}>
          {page.items.map((user) => (
            <li key={user.id} class="seen-person">
              <Avatar person={user} size={28} status={user.status} />
              <bdi>{user.name}</bdi>
              <span class="seen-handle">@{user.handle}</span>
              {user.status === "unknown" ? null : <span class="unseen">{statusText(user.status)}</span>}
            </li>
          ))}
        </ul>
      ) : null}
      {failure ? <Failed text={failure} onRetry={() => load(page?.next ?? null)} /> : null}
      {page?.next && !failure ? (
        <Button small busy={isBusy} onClick={() => load(page.next)}>
          {t("seen.more")}
        </Button>
      ) : null}
      <p class="field-hint">{t("seen.hint")}</p>
    </Dialog>
  );
}
