// Whether mail arrives: have one sent to myself and see what the mail server says.
import { Send } from "lucide-preact";
import type { NotificationSettings } from "../../net/actions";
import { fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { toast } from "../common/toasts";
import { useSubmit } from "../rooms/useSubmit";

interface TestMailProps {
  settings: NotificationSettings;
  /** One is on its way: what became of it stands in the settings. */
  onAsked: () => void;
}

export function TestMail({ settings, onAsked }: TestMailProps) {
  const actions = useActions();
  const { isBusy, failure, run } = useSubmit();
  const { test, no_mail: noMail } = settings;
  const send = (): void =>
    run(async () => {
      const email = await actions.testMail();
      toast(t("notify.test_asked", { email }));
      onAsked();
    });
  return (
    <section class="settings-card">
      <h2>{t("notify.test")}</h2>
      <p class="field-hint">{t("notify.test_hint")}</p>
      <div class="settings-buttons">
        <Button icon={Send} busy={isBusy} disabled={noMail !== null} onClick={send}>
          {t("notify.test_send")}
        </Button>
        {test ? (
          <Button kind="quiet" onClick={onAsked}>
            {t("notify.test_look")}
          </Button>
        ) : null}
      </div>
      {test ? (
        <p role="status">
          {test.sent_at
            ? t("notify.test_sent", { when: fullOf(test.sent_at) })
            : test.said
              ? t("notify.test_waiting_said", { when: fullOf(test.at), said: test.said })
              : t("notify.test_waiting", { when: fullOf(test.at) })}
        </p>
      ) : null}
      <Failure text={failure} />
    </section>
  );
}
