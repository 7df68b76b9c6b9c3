// Reported messages that wait to be seen to, each with what was said about it and what stands around it.
import { useEffect, useState } from "preact/hooks";
import { openReports } from "../../store/reports";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failed, Skeleton } from "../common/States";
import { errorText } from "../errors";
import type { ReportedMessage } from "./calls";
import * as calls from "./calls";
import { ReportCard } from "./ReportCard";
import "../../styles/moderation.css";

interface Found {
  items: ReportedMessage[];
  next: string | null;
}

export function ReportsSection() {
  const { rest } = useActions();
  const [tab, setTab] = useState<"open" | "resolved">("open");
  const [found, setFound] = useState<Found | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [trial, setTrial] = useState(0);
  const waiting = openReports.value;

  useEffect(() => {
    let isOld = false;
    setFailure(null);
    calls.reports(rest, tab).then(
      (page) => {
        if (isOld) return;
        setFound(page);
        openReports.value = page.open;
      },
      (error: unknown) => {
        if (!isOld) setFailure(errorText(error));
      },
    );
    return () => {
      isOld = true;
    };
    // Another number: somebody has reported something, or seen to it.
  }, [tab, trial, waiting]);

  const more = (): void => {
    if (!found?.next) return;
    calls.reports(rest, tab, found.next).then(
      (page) => setFound({ ...page, items: [...found.items, ...page.items] }),
      (error: unknown) => setFailure(errorText(error)),
    );
  };

  return (
    <section class="admin-section" aria-labelledby="admin-reports">
      <div class="admin-head">
        <h2 id="admin-reports">{t("admin.reports")}</h2>
        <fieldset class="admin-tabs">
          <legend class="unseen">{t("reports.which")}</legend>
          {(["open", "resolved"] as const).map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="reports"
                checked={tab === one}
                onChange={() => {
                  setFound(null);
                  setTab(one);
                }}
              />
              <span>{t(`reports.${one}`)}</span>
            </label>
          ))}
        </fieldset>
      </div>
      {failure ? <Failed text={failure} onRetry={() => setTrial(trial + 1)} /> : null}
      {!found && !failure ? <Skeleton rows={4} /> : null}
      {found?.items.length === 0 ? (
        <p class="admin-none">{t(tab === "open" ? "reports.none" : "reports.none_resolved")}</p>
      ) : null}
      {found?.items.map((item) => (
        <ReportCard
          key={item.message.id}
          item={item}
          isOpen={tab === "open"}
          onDone={() => setTrial(trial + 1)}
        />
      ))}
      {found?.next ? <Button onClick={more}>{t("admin.more")}</Button> : null}
    </section>
  );
}
