// What I am told, by push and by mail: whether, when, why not, and whether it arrives at all.
import { useEffect, useState } from "preact/hooks";
import type { NotificationSettings, NotificationUpdate } from "../../net/actions";
import { useActions } from "../actions";
import { BellCard } from "../bell/BellCard";
import { Failed, Skeleton } from "../common/States";
import { errorText } from "../errors";
import { Ledger } from "./Ledger";
import { MailChoice } from "./MailChoice";
import { PushCard } from "./PushCard";
import { QuietHours } from "./QuietHours";
import { TestMail } from "./TestMail";
import "../../styles/later.css";

/** Change something and know what the server has made of it. */
export type Change = (fields: NotificationUpdate) => Promise<void>;

export function NotificationsSection() {
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
    <>
      <BellCard />
      <PushCard />
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
    </>
  );
}
