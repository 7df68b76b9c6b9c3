// What was found of a long list in the admin area: not there yet, nothing, some of it, or why not.
import type { ComponentChildren } from "preact";
import { t } from "../../text/t";
import { Button } from "../common/Button";
import { Failed, Skeleton } from "../common/States";
import type { Pages } from "../common/usePages";

interface FoundPagesProps<T> {
  pages: Pages<T>;
  /** About so many rows come at first. */
  rows: number;
  /** What is said where there is none. */
  none: string;
  children: (items: readonly T[]) => ComponentChildren;
}

export function FoundPages<T>({ pages, rows, none, children }: FoundPagesProps<T>) {
  const { items, failure } = pages;
  return (
    <>
      {failure ? <Failed text={failure} onRetry={pages.again} /> : null}
      {!items && !failure ? <Skeleton rows={rows} /> : null}
      {items?.length === 0 ? <p class="admin-none">{none}</p> : null}
      {items && items.length > 0 ? children(items) : null}
      {pages.isMore ? (
        <Button onClick={pages.more} disabled={pages.isBusy}>
          {t("admin.more")}
        </Button>
      ) : null}
    </>
  );
}
