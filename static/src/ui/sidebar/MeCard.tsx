// Me, at the foot of the left column: my face, what others see of me, and my menu.
import { CircleQuestionMark, Ellipsis, LogOut, Settings, ShieldCheck, SmilePlus } from "lucide-preact";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { MenuButton } from "../common/Menu";
import { tell } from "../common/toasts";
import { openDialog } from "../dialogs";
import { DoingMark, useDoing } from "../profile/Doing";
import { follow, go } from "../route";

export function MeCard() {
  const actions = useActions();
  const { me, link } = state.value;
  const runsWorkspace = me.role === "owner" || me.role === "admin";
  const isOnline = link.kind === "online" || link.kind === "catching_up";
  const doing = useDoing(me.doing);
  const status = isOnline ? "online" : "offline";
  return (
    <div class="me-card">
      <a class="me-link" href="/settings/" onClick={follow} title={t("sidebar.settings")}>
        <Avatar person={me} size={36} status={status} />
        <span class="me-words">
          <bdi class="me-name">{me.name}</bdi>
          <span class="me-status">
            {!isOnline ? (
              t("presence.not_connected")
            ) : doing ? (
              <DoingMark doing={doing} hasWords />
            ) : (
              t("presence.online")
            )}
          </span>
        </span>
      </a>
      <MenuButton
        icon={Ellipsis}
        label={t("sidebar.me_menu")}
        items={[
          {
            label: doing ? t("doing.change") : t("doing.title"),
            icon: SmilePlus,
            choose: () => openDialog("doing"),
          },
          { label: t("sidebar.settings"), icon: Settings, choose: () => go("/settings/") },
          ...(runsWorkspace
            ? [{ label: t("admin.title"), icon: ShieldCheck, choose: () => go("/admin/people/") }]
            : []),
          { label: t("sidebar.help"), icon: CircleQuestionMark, choose: () => openDialog("help") },
          {
            label: t("sidebar.sign_out"),
            icon: LogOut,
            apart: true,
            choose: () => void tell(actions.signOut()),
          },
        ]}
      />
    </div>
  );
}
