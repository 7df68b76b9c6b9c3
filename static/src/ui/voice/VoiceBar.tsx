// A voice message on its way: it is recorded, listened to, and sent or thrown away.
import { SendHorizontal, Square, X } from "lucide-preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../../text/t";
import { useActions, useConfig } from "../actions";
import { IconButton } from "../common/IconButton";
import { toast } from "../common/toasts";
import { addFiles, takeFiles, trayOf } from "../composer/trays";
import { Player } from "./Player";
import { recordingIn } from "./RecordButton";
import { RECORDING_MAX_MS, type Recording, record } from "./recording";
import { BARS_COUNT, clockOf } from "./sound";
import { Waveform } from "./Waveform";
import "../../styles/voice.css";

interface VoiceBarProps {
  room: number;
  parent: number | null;
  place: string;
  onSent?: (() => void) | undefined;
}

const EVERY_MS = 100;

export default function VoiceBar({ room, parent, place, onSent }: VoiceBarProps) {
  const actions = useActions();
  const mostBytes = useConfig().settings.uploadMaxBytes;
  const bar = useRef<HTMLElement>(null);
  const running = useRef<Recording | null>(null);
  const [levels, setLevels] = useState<readonly number[]>([]);
  const [startedAt, setStarted] = useState<number | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const leave = (): void => {
    recordingIn.value = null;
    document.querySelector<HTMLElement>("#main .composer textarea")?.focus();
  };
  const stop = async (): Promise<void> => {
    const recording = running.current;
    running.current = null;
    if (recording) setFile(await recording.stop());
  };

  useEffect(() => {
    const going = new AbortController();
    let timer = 0;
    record(going.signal).then(
      (recording) => {
        running.current = recording;
        const from = performance.now();
        setStarted(from);
        timer = window.setInterval(() => {
          if (!running.current) return;
          setLevels((now) => [...now.slice(1 - BARS_COUNT), recording.level()]);
          if (performance.now() - from >= RECORDING_MAX_MS) void stop();
        }, EVERY_MS);
      },
      (error: unknown) => {
        if (going.signal.aborted) return;
        toast(t(reasonOf(error)), "error");
        leave();
      },
    );
    return () => {
      going.abort();
      clearInterval(timer);
      running.current?.cancel();
    };
  }, []);
  // The keyboard goes on where the person is: to the end of it, then to its sending; while the microphone is asked for
  // to the bar itself, so that Esc leaves from the first moment on.
  useLayoutEffect(() => {
    const next = bar.current?.querySelector<HTMLElement>("[data-next]:not(:disabled)");
    (next ?? bar.current)?.focus();
  }, [startedAt, file]);

  const send = (): void => {
    if (!file) return;
    addFiles(actions, place, [file], mostBytes);
    const key = trayOf(place).at(-1);
    if (key) actions.describeUpload(key, t("voice.said"));
    actions.post(room, "", parent, takeFiles(place));
    onSent?.();
    leave();
  };
  const seconds = startedAt === null ? 0 : (performance.now() - startedAt) / 1_000;
  const bars = [...Array.from({ length: BARS_COUNT - levels.length }, () => 0), ...levels];
  return (
    <section
      ref={bar}
      class="voice-bar"
      tabIndex={-1}
      aria-label={t("voice.title")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        leave();
      }}
    >
      <IconButton icon={X} label={t("voice.cancel")} onClick={leave} />
      {file ? (
        <Player
          name={t("voice.title")}
          id={file.name}
          load={async () => file}
          onFail={() => toast(t("voice.unheard"), "error")}
        />
      ) : (
        <>
          <span class="voice-dot" data-on={startedAt !== null || undefined} aria-hidden="true" />
          <span role="status">{t(startedAt === null ? "voice.asking" : "voice.recording")}</span>
          <span class="voice-live">
            <Waveform bars={bars} heard={1} />
          </span>
          <span class="voice-time" aria-hidden="true">
            {clockOf(seconds)}
          </span>
        </>
      )}
      {file ? (
        <button
          type="button"
          class="composer-send"
          data-next
          aria-label={t("voice.send")}
          title={t("voice.send")}
          onClick={send}
        >
          <SendHorizontal size={18} strokeWidth={2} aria-hidden="true" />
        </button>
      ) : (
        <button
          type="button"
          class="composer-send voice-stop"
          data-next
          disabled={startedAt === null}
          aria-label={t("voice.stop")}
          title={t("voice.stop")}
          onClick={() => void stop()}
        >
          <Square size={14} fill="currentcolor" aria-hidden="true" />
        </button>
      )}
    </section>
  );
}

function reasonOf(error: unknown) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "voice.denied" as const;
  return name === "NotFoundError" ? ("voice.missing" as const) : ("voice.failed" as const);
}
