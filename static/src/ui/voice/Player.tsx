// Plays a short sound: its shape before it is heard, a place to go to, and a speed.
import { Pause, Play } from "lucide-preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../text/t";
import { BARS_COUNT, clockOf, type Sound, soundOf } from "./sound";
import { Waveform } from "./Waveform";
import "../../styles/voice.css";

interface PlayerProps {
  name: string;
  /** Under which its shape is remembered. */
  id: string;
  /** Read what is played; asked for when it comes into sight. */
  load: () => Promise<Blob>;
  /** It cannot be read or played here. */
  onFail: () => void;
}

const SPEEDS = [1, 1.5, 2] as const;
const FLAT = Array.from({ length: BARS_COUNT }, () => 0);
const STEP_S = 5;

export function Player({ name, id, load, onFail }: PlayerProps) {
  const box = useRef<HTMLDivElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const [sound, setSound] = useState<Sound | null>(null);
  const [source, setSource] = useState<string | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [atS, setAt] = useState(0);
  const [speed, setSpeed] = useState(0);
  const rate = SPEEDS[speed % SPEEDS.length]!;

  useEffect(() => {
    let isGone = false;
    let address = "";
    const read = async (): Promise<void> => {
      try {
        const blob = await load();
        const found = await soundOf(id, blob);
        if (isGone) return;
        if (!found) onFail();
        else {
          address = URL.createObjectURL(blob);
          setSound(found);
          setSource(address);
        }
      } catch {
        if (!isGone) onFail();
      }
    };
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      observer.disconnect();
      void read();
    });
    if (box.current) observer.observe(box.current);
    return () => {
      isGone = true;
      observer.disconnect();
      if (address) URL.revokeObjectURL(address);
    };
  }, [id]);

  const toggle = (): void => {
    const player = audio.current;
    if (!player) return;
    player.playbackRate = rate;
    if (player.paused) void player.play().catch(onFail);
    else player.pause();
  };
  const go = (seconds: number): void => {
    const player = audio.current;
    if (!player || !sound) return;
    player.currentTime = Math.min(Math.max(0, seconds), sound.seconds);
    setAt(player.currentTime);
  };
  const length = sound?.seconds ?? 0;
  const Icon = isPlaying ? Pause : Play;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is part of a form.
    <div ref={box} class="voice" role="group" aria-label={name}>
      <button
        type="button"
        class="voice-play"
        disabled={!source}
        aria-label={t(isPlaying ? "voice.pause" : "voice.play")}
        title={t(isPlaying ? "voice.pause" : "voice.play")}
        onClick={toggle}
      >
        <Icon size={18} strokeWidth={2} aria-hidden="true" />
      </button>
      <div class="voice-line">
        <Waveform bars={sound?.bars ?? FLAT} heard={length > 0 ? atS / length : 0} />
        <input
          type="range"
          class="voice-range"
          min={0}
          max={Math.max(length, 0.1)}
          step={0.1}
          value={atS}
          disabled={!source}
          aria-label={t("voice.position")}
          aria-valuetext={t("voice.at", { at: clockOf(atS), length: clockOf(length) })}
          onInput={(event) => go(event.currentTarget.valueAsNumber)}
          onKeyDown={(event) => {
            const way = { ArrowLeft: -STEP_S, ArrowRight: STEP_S }[event.key];
            if (way === undefined) return;
            event.preventDefault();
            go(atS + way);
          }}
        />
      </div>
      <span class="voice-time" aria-hidden="true">
        {clockOf(isPlaying || atS > 0 ? atS : length)}
      </span>
      <button
        type="button"
        class="voice-speed"
        aria-label={t("voice.speed", { n: rate })}
        title={t("voice.speed", { n: rate })}
        onClick={() => {
          const next = SPEEDS[(speed + 1) % SPEEDS.length]!;
          setSpeed(speed + 1);
          if (audio.current) audio.current.playbackRate = next;
        }}
      >
        {rate}×
      </button>
      {source ? (
        // biome-ignore lint/a11y/useMediaCaption: what people record has no captions.
        <audio
          ref={audio}
          src={source}
          preload="auto"
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
          onEnded={(event) => {
            event.currentTarget.currentTime = 0;
            setAt(0);
          }}
          onTimeUpdate={(event) => setAt(Math.min(event.currentTarget.currentTime, length))}
          onError={onFail}
        />
      ) : null}
    </div>
  );
}
