// The button that opens the emoji picker for a message.
import type { LucideIcon } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import type { Message } from "../../protocol";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { EmojiPicker } from "../common/EmojiPicker";
import { IconButton } from "../common/IconButton";
import { tell } from "../common/toasts";

interface ReactButtonProps {
  message: Message;
  icon: LucideIcon;
  class?: string;
  onOpen?: (isOpen: boolean) => void;
}

export function ReactButton({ message, icon, onOpen, ...props }: ReactButtonProps) {
  const actions = useActions();
  const ref = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const show = (open: boolean): void => {
    setOpen(open);
    onOpen?.(open);
  };
  return (
    <>
      <IconButton
        buttonRef={ref}
        icon={icon}
        label={t("message.react")}
        small
        popup="dialog"
        expanded={isOpen}
        onClick={() => show(!isOpen)}
        {...props}
      />
      {isOpen && ref.current ? (
        <EmojiPicker
          anchor={ref.current}
          onPick={(emoji) => {
            show(false);
            void tell(actions.react(message.id, emoji));
          }}
          onClose={() => show(false)}
        />
      ) : null}
    </>
  );
}
