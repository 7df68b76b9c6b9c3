// What I am told by mail: whether, when, why not, and whether mail arrives at all.
import { ArrowLeft } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import type { NotificationSettings, NotificationUpdate } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Failed, Skeleton } from "../common/States";
import { errorText } from "../errors";
import { back } from "../route";
import { Ledger } from "./Ledger";
import { MailChoice } from "./MailChoice";
import { QuietHours } from "./QuietHours";
import { TestMail } from "./TestMail";
import "../../styles/later.css";
import "../../styles/settings.css";

/** Change something and know what the server has made of it. */
export type Change = (fields: NotificationUpdate) => Promise<void>;

export function NotificationsPage() {
  const actions = useActions();
  const [settings, setSettings] = useState<NotificationSettings | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [trial, setTrial] = useState(0);

  useEffect(() => {
    let isGone = false;
    setFailure(null);
    actions.notificationSettings().then(
      (found) => {
        if (!isGone) setSettings(found);
      },
      (error: unknown) => {
        if (!isGone) setFailure(errorText(error));
      },
    );
    return () => {
      isGone = true;
    };
  }, [trial]);

  const change: Change = async (fields) => setSettings(await actions.updateNotifications(fields));
  const readAgain = (): void => setTrial((count) => count + 1);
  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/settings/")} />
        <h1 class="room-title">{t("notify.title")}</h1>
      </header>
      <StateLine />
      <div class="settings">
        {failure ? <Failed text={failure} onRetry={readAgain} /> : null}
        {!settings && !failure ? <Skeleton rows={4} /> : null}
        {settings ? (
          <>
            <MailChoice settings={settings} onChange={change} />
            <QuietHours settings={settings} onChange={change} onZone={readAgain} />
            <TestMail settings={settings} onAsked={readAgain} />
          </>
        ) : null}
        <Ledger />
      </div>
    </main>
  );
}
