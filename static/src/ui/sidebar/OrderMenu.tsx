// In which order rooms stand that I have not put anywhere, and whether only unread ones are shown.
import { ListFilter } from "lucide-preact";
import { PLAIN } from "../../store/sidebar";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { MenuButton } from "../common/Menu";
import { tell } from "../common/toasts";

export function OrderMenu() {
  const actions = useActions();
  const { sort, only_unread } = state.value.sidebar ?? PLAIN;
  return (
    <MenuButton
      icon={ListFilter}
      label={t("order.menu")}
      items={[
        ...(["name", "activity", "unread"] as const).map((one) => ({
          label: t(`order.${one}`),
          checked: sort === one,
          choose: () => void tell(actions.arrange((before) => ({ ...before, sort: one }))),
        })),
        ...([false, true] as const).map((only) => ({
          label: t(only ? "order.only_unread" : "order.all"),
          checked: only_unread === only,
          apart: !only,
          choose: () => void tell(actions.arrange((before) => ({ ...before, only_unread: only }))),
        })),
      ]}
    />
  );
}
