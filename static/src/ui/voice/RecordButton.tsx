// The way to a voice message, beside the text; the recorder itself comes when it is wanted.
import { signal } from "@preact/signals";
import { Mic } from "lucide-preact";
import { t } from "../../text/t";
import { IconButton } from "../common/IconButton";
import { mayRecord } from "./recording";

/** Where somebody records; one place at a time, there is one microphone. */
export const recordingIn = signal<string | null>(null);

export function RecordButton({ place }: { place: string }) {
  if (!mayRecord()) return null;
  return (
    <IconButton
      icon={Mic}
      label={t("voice.record")}
      onClick={() => {
        recordingIn.value = place;
      }}
    />
  );
}
