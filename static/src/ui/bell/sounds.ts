// Short sounds made on the spot: nothing to load, and quiet enough for an office.
import type { Sound } from "./choices";

interface Strike {
  atS: number;
  hertz: number;
  /** How long until it has died away. */
  lastsS: number;
  loudness: number;
  /** A tone that falls, as a drop does. */
  toHertz?: number;
}

/** Two knocks on a wooden floor; one drop of water. */
const STRIKES: Readonly<Record<Exclude<Sound, "none">, readonly Strike[]>> = {
  knock: [
    { atS: 0, hertz: 392, lastsS: 0.18, loudness: 0.5 },
    { atS: 0.004, hertz: 1_180, lastsS: 0.05, loudness: 0.16 },
    { atS: 0.13, hertz: 523, lastsS: 0.26, loudness: 0.42 },
    { atS: 0.134, hertz: 1_570, lastsS: 0.06, loudness: 0.12 },
  ],
  drop: [
    { atS: 0, hertz: 880, toHertz: 1_320, lastsS: 0.12, loudness: 0.3 },
    { atS: 0.09, hertz: 660, toHertz: 990, lastsS: 0.22, loudness: 0.26 },
  ],
};
/** A machine that is busy takes its time to open its loudspeaker; what rings later than this says nothing any more. */
const WAKES_WITHIN_MS = 1_000;
let context: AudioContext | null = null;

/** Play a sound; a browser that nobody has touched yet may stay silent. Resolves to whether it could be heard. */
export async function play(sound: Sound): Promise<boolean> {
  if (sound === "none" || !("AudioContext" in globalThis)) return false;
  try {
    context ??= new AudioContext();
    if (context.state !== "running") await woken(context);
    if (context.state !== "running") return false;
    for (const strike of STRIKES[sound]) struck(context, strike);
    return true;
  } catch {
    return false;
  }
}

/** Wait until it may sound, yet not for long: before the first touch of the page that may never be. */
function woken(place: AudioContext): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, WAKES_WITHIN_MS));
  return Promise.race([place.resume().catch(() => undefined), late]);
}

/** Have the sound ready: only a touch of the page wakes it. */
export function startSounds(): void {
  const wake = (): void => {
    context ??= "AudioContext" in globalThis ? new AudioContext() : null;
    if (context?.state === "suspended") void context.resume().catch(() => undefined);
  };
  addEventListener("pointerdown", wake, { passive: true, once: true });
  addEventListener("keydown", wake, { passive: true, once: true });
}

function struck(place: AudioContext, { atS, hertz, toHertz, lastsS, loudness }: Strike): void {
  const from = place.currentTime + atS;
  const tone = new OscillatorNode(place, { type: "sine", frequency: hertz });
  const gain = new GainNode(place, { gain: 0 });
  if (toHertz) tone.frequency.exponentialRampToValueAtTime(toHertz, from + lastsS);
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(loudness, from + 0.004);
  gain.gain.exponentialRampToValueAtTime(0.0001, from + lastsS);
  tone.connect(gain).connect(place.destination);
  tone.start(from);
  tone.stop(from + lastsS + 0.02);
}
