// How long the workspace keeps messages, for who runs it: the rule, the legal hold, and what would go now.
import { useEffect, useState } from "preact/hooks";
import type { Retention } from "../../net/actions";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { Failed } from "../common/States";
import { toast } from "../common/toasts";
import { errorText } from "../errors";
import { useSubmit } from "../rooms/useSubmit";
import { me } from "../selectors";
import { DaysField } from "./DaysField";
import { DAYS_FIRST, daysOf } from "./days";
import { GoingList } from "./GoingList";
import { HoldRow } from "./HoldRow";
import "../../styles/keeping.css";

export function RetentionCard() {
  const { role } = me.value;
  return role === "owner" || role === "admin" ? <Card /> : null;
}

function Card() {
  const actions = useActions();
  const [rule, setRule] = useState<Retention | null>(null);
  const [lost, setLost] = useState<string | null>(null);
  const read = (): void => {
    setLost(null);
    actions.retention().then(setRule, (error: unknown) => setLost(errorText(error)));
  };
  useEffect(read, [actions]);
  return (
    <section class="settings-card">
      <h2>{t("keeping.title")}</h2>
      <p class="field-hint">{t("keeping.hint")}</p>
      {lost ? <Failed text={lost} onRetry={read} /> : null}
      {rule ? <RuleForm rule={rule} onRule={setRule} /> : null}
    </section>
  );
}

interface RuleFormProps {
  rule: Retention;
  onRule: (rule: Retention) => void;
}

function RuleForm({ rule, onRule }: RuleFormProps) {
  const actions = useActions();
  const [isLimited, setLimited] = useState(rule.days !== null);
  const [text, setText] = useState(rule.days === null ? DAYS_FIRST : String(rule.days));
  const { isBusy, failure, run } = useSubmit();
  const days = isLimited ? daysOf(text) : null;
  const isBad = isLimited && days === null;
  return (
    <>
      <form
        class="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (isBad || days === rule.days) return;
          run(async () => {
            onRule(await actions.setRetention(days));
            toast(t("settings.saved"));
          });
        }}
      >
        <fieldset class="choices-row">
          <legend class="unseen">{t("keeping.title")}</legend>
          {[false, true].map((limited) => (
            <label key={String(limited)} class="choice">
              <input
                type="radio"
                name="keeping"
                checked={isLimited === limited}
                onChange={() => setLimited(limited)}
              />
              <span class="choice-name">{t(limited ? "keeping.days" : "keeping.forever")}</span>
            </label>
          ))}
        </fieldset>
        {isLimited ? <DaysField value={text} onChange={setText} /> : null}
        <Failure text={failure} />
        <div>
          <Button kind="primary" type="submit" busy={isBusy} disabled={isBad || days === rule.days}>
            {t("dialog.save")}
          </Button>
        </div>
      </form>
      <HoldRow
        hold={rule.hold}
        of="workspace"
        isBusy={isBusy}
        onHold={(on) => run(async () => onRule(await actions.holdWorkspace(on)))}
      />
      <GoingList key={`${rule.days} ${rule.hold?.at}`} />
    </>
  );
}
