// What a sound looks like: its length and the heights of its waveform, from the sound itself. Little is kept, and it is soon made again.

/** Larger files are played as they come, without being read as a whole. */
export const DRAWN_MAX_BYTES = 2 * 1024 * 1024;
export const BARS_COUNT = 48;
const KNOWN_MAX_COUNT = 200;

export interface Sound {
  seconds: number;
  /** From 0 to 1, BARS_COUNT of them. */
  bars: readonly number[];
}

const known = new Map<string, Sound>();

/** Decode a sound; null for what this browser cannot. */
export async function soundOf(key: string, blob: Blob): Promise<Sound | null> {
  const found = known.get(key);
  if (found) return found;
  try {
    // As many samples as a voice needs; the context itself plays nothing.
    const decoded = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(await blob.arrayBuffer());
    const sound = { seconds: decoded.duration, bars: barsOf(decoded.getChannelData(0)) };
    known.set(key, sound);
    if (known.size > KNOWN_MAX_COUNT) known.delete(known.keys().next().value!);
    return sound;
  } catch {
    return null;
  }
}

/** The loudness of equal stretches, the loudest as 1. */
export function barsOf(samples: ArrayLike<number>, count: number = BARS_COUNT): number[] {
  const step = samples.length / count;
  const loudness = Array.from({ length: count }, (_, bar) => {
    const from = Math.floor(bar * step);
    const to = Math.max(from + 1, Math.floor((bar + 1) * step));
    let sum = 0;
    for (let at = from; at < to && at < samples.length; at++) sum += samples[at]! ** 2;
    return Math.sqrt(sum / (to - from));
  });
  const most = Math.max(...loudness);
  return loudness.map((one) => (most > 0 ? one / most : 0));
}

/** 1:05 */
export function clockOf(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Whether a file is a voice message of ours: then its name says nothing. */
export function isVoice(name: string): boolean {
  return /^voice-message-[\d-]+\.(?:webm|m4a|ogg)$/.test(name);
}
