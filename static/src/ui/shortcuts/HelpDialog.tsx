// The keys, on one sheet, made of the table that listens.
import { t } from "../../text/t";
import { Dialog } from "../common/Dialog";
import { closeDialog } from "../dialogs";
import { chordOf, isLetter, namesOf } from "./keys";
import { hasLetters, switchLetters } from "./listen";
import { GROUPS, type Group, SHORTCUTS, type Shortcut } from "./table";
import "../../styles/help.css";

export function HelpDialog() {
  return (
    <Dialog title={t("help.title")} width="broad" onClose={closeDialog}>
      <div class="help">
        {GROUPS.map((group) => (
          <Part key={group} group={group} />
        ))}
      </div>
      <label class="help-letters">
        <input
          type="checkbox"
          checked={hasLetters.value}
          onChange={(event) => switchLetters(event.currentTarget.checked)}
        />
        <span>{t("help.letters")}</span>
      </label>
    </Dialog>
  );
}

function Part({ group }: { group: Group }) {
  return (
    <section class="help-group" aria-labelledby={`help-${group}`}>
      <h3 id={`help-${group}`}>{t(`help.group_${group}`)}</h3>
      <dl class="help-keys">
        {SHORTCUTS.filter((shortcut) => shortcut.group === group).map((shortcut) => (
          <div key={shortcut.text} data-off={isOff(shortcut) || undefined}>
            <dt>
              {shortcut.keys.map((keys, index) => (
                <span class="help-way" key={keys}>
                  {index > 0 ? <span class="help-or">{t("help.or")}</span> : null}
                  {namesOf(chordOf(keys)).map((name) => (
                    <kbd key={name}>{name}</kbd>
                  ))}
                </span>
              ))}
            </dt>
            <dd>{t(shortcut.text)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Nothing is left of it while letters do nothing. */
function isOff({ keys, run }: Shortcut): boolean {
  return run !== undefined && !hasLetters.value && keys.every((one) => isLetter(chordOf(one)));
}
