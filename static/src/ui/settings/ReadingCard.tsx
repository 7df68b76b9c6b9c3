// Whether others see what I have read: who hides it does not see it of others.
import { t } from "../../text/t";
import { useActions } from "../actions";
import { tell } from "../common/toasts";
import { me } from "../selectors";

export function ReadingCard() {
  const actions = useActions();
  const isShown = !me.value.hides_reading;
  return (
    <section class="settings-card">
      <h2>{t("seen.card")}</h2>
      <label class="switch-row">
        <input
          type="checkbox"
          class="switch"
          checked={isShown}
          onChange={(event) => {
            const field = event.currentTarget;
            void tell(actions.updateMe({ hides_reading: !field.checked })).then((isDone) => {
              if (!isDone) field.checked = isShown;
            });
          }}
        />
        <span>
          <span class="switch-name">{t("seen.show_mine")}</span>
          <span class="field-hint">{t("seen.show_mine_hint")}</span>
        </span>
      </label>
    </section>
  );
}
