// Whether I hear of new replies to a thread; pressed means that I do.
import { Bell, BellOff } from "lucide-preact";
import { state } from "../../store/signals";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { IconButton } from "../common/IconButton";
import { tell } from "../common/toasts";

export function FollowButton({ message }: { message: number }) {
  const actions = useActions();
  const { followed } = state.value.threads;
  // Until the list has come, what a press would do is not known.
  if (!followed) return null;
  const isOn = followed.has(message);
  return (
    <IconButton
      icon={isOn ? Bell : BellOff}
      class={isOn ? "follow-button follow-on" : "follow-button"}
      label={isOn ? t("threads.unfollow") : t("threads.follow")}
      pressed={isOn}
      onClick={() => void tell(actions.followThread(message, !isOn))}
    />
  );
}
