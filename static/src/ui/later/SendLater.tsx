// Beside the send button: when the message is to be sent, if not now.
import { CalendarClock, CalendarDays, Clock, List } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { newClientId } from "../../net/actions";
import { dueOf, timeOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { MenuButton } from "../common/Menu";
import { tell, toast } from "../common/toasts";
import { go } from "../route";
import { sendPresets } from "./times";
import { WhenDialog } from "./WhenDialog";

interface SendLaterProps {
  room: number;
  parent: number | null;
  body: string;
  /** Files lie beside the text: the server keeps none of them for a message that it sends later. */
  hasFiles: boolean;
  /** Nothing to send, or too much. */
  disabled: boolean;
  /** The server has it: the text is no longer needed here. */
  onDone: (body: string) => void;
  /** Nothing of this is open any more, and the button has nothing to do: the focus needs a place. */
  onClosed: () => void;
  /** The dialog alone, which somebody else opens: a phone has no place for the button. */
  dialog?: { isOpen: boolean; close: () => void };
}

/** One order, whatever happens to its answer: tried again it keeps its id and its time. */
interface Order {
  body: string;
  label: string;
  at: number;
  id: string;
}

export function SendLater(props: SendLaterProps) {
  const { room, parent, body, hasFiles, disabled, onDone, onClosed, dialog } = props;
  const actions = useActions();
  const [isAsked, setChoosing] = useState(false);
  const isChoosing = isAsked || dialog?.isOpen === true;
  const [isBusy, setBusy] = useState(false);
  const [isDone, setDone] = useState(false);
  const last = useRef<Order | null>(null);

  useEffect(() => {
    if (!isDone || isChoosing) return;
    setDone(false);
    onClosed();
  }, [isDone, isChoosing]);

  const schedule = async (at: number, label: string): Promise<void> => {
    const same = last.current?.body === body && last.current.label === label && last.current.at > Date.now();
    const order: Order = same && last.current ? last.current : { body, label, at, id: newClientId() };
    last.current = order;
    setBusy(true);
    try {
      await actions.schedule({ room, parent, body, dueAt: order.at, client_scheduled_id: order.id });
    } finally {
      setBusy(false);
    }
    last.current = null;
    onDone(body);
    setDone(true);
    toast(t("scheduled.will_be_sent", { when: dueOf(order.at) }));
  };

  return (
    <>
      {dialog ? null : (
        <MenuButton
          icon={CalendarClock}
          label={t(hasFiles ? "scheduled.without_files" : "scheduled.send_later")}
          disabled={disabled || isBusy || hasFiles}
          items={[
            ...sendPresets(Date.now()).map((preset) => ({
              label: t(preset.key),
              detail: timeOf(preset.at),
              icon: Clock,
              choose: () => void tell(schedule(preset.at, t(preset.key))),
            })),
            { label: t("later.choose"), icon: CalendarDays, apart: true, choose: () => setChoosing(true) },
            { label: t("scheduled.see_all"), icon: List, choose: () => go("/later/") },
          ]}
        />
      )}
      {isChoosing ? (
        <WhenDialog
          title={t("scheduled.send_later")}
          submit={t("scheduled.submit")}
          presets={dialog ? sendPresets(Date.now()) : []}
          onChoose={schedule}
          onClose={() => {
            setChoosing(false);
            dialog?.close();
          }}
        />
      ) : null}
    </>
  );
}
