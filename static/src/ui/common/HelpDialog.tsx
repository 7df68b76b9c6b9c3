// The keys, on one sheet.
import { t } from "../../text/t";
import { closeDialog } from "../dialogs";
import { isApple } from "../keys";
import { Dialog } from "./Dialog";
import "../../styles/help.css";

export function HelpDialog() {
  const mod = isApple() ? "⌘" : "Ctrl";
  const alt = isApple() ? "⌥" : "Alt";
  const rows: [string[], string][] = [
    [[mod, "K"], t("help.switcher")],
    [["/"], t("help.search")],
    [[alt, "↑"], t("help.previous_room")],
    [[alt, "↓"], t("help.next_room")],
    [["Enter"], t("help.send")],
    [["Shift", "Enter"], t("help.line")],
    [["↑"], t("help.edit_last")],
    [["@"], t("help.mention")],
    [["Shift", "Tab"], t("help.to_messages")],
    [["↑", "↓"], t("help.messages")],
    [["Esc"], t("help.close")],
    [["?"], t("help.help")],
  ];
  return (
    <Dialog title={t("help.title")} onClose={closeDialog}>
      <dl class="help-keys">
        {rows.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
