// One recording with the microphone: begins when the person allows it, ends by them, by its length, or with the page.

/** Longer ones are told better in writing. */
export const RECORDING_MAX_MS = 5 * 60_000;
/** A voice stays clear, and five minutes stay below two megabytes. */
const BITS_PER_S = 32_000;
const KINDS = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/ogg;codecs=opus", "ogg"],
  ["audio/mp4", "m4a"],
] as const;

export interface Recording {
  /** How loud it is now, 0 to 1. */
  level(): number;
  /** End it and get what was said. */
  stop(): Promise<File>;
  /** End it and forget it. */
  cancel(): void;
}

/** Whether this browser can record here: an address that is not secure has no microphone. */
export function mayRecord(): boolean {
  return Boolean(globalThis.MediaRecorder && navigator.mediaDevices && kindHere());
}

/**
 * Ask for the microphone and begin. Rejects with what the browser says: NotAllowedError, NotFoundError, …; or with the
 * reason of the signal, where nobody wants it any more when the answer comes.
 */
export async function record(signal: AbortSignal): Promise<Recording> {
  const kind = kindHere();
  if (!kind) throw new DOMException("no kind of recording", "NotSupportedError");
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  try {
    signal.throwIfAborted();
    return listenTo(stream, kind);
  } catch (error) {
    release(stream);
    throw error;
  }
}

/** Let the microphone go: its light goes out at once. */
function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

function listenTo(stream: MediaStream, kind: (typeof KINDS)[number]): Recording {
  const context = new AudioContext();
  // It may sleep: the press that began this was before the question for the microphone.
  void context.resume().catch(() => undefined);
  const listening = new AnalyserNode(context, { fftSize: 2_048 });
  const source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
  source.connect(listening);
  const samples = new Uint8Array(listening.fftSize);
  const recorder = new MediaRecorder(stream, { mimeType: kind[0], audioBitsPerSecond: BITS_PER_S });
  const pieces: Blob[] = [];
  recorder.ondataavailable = ({ data }) => void (data.size > 0 && pieces.push(data));
  const ended = new Promise<void>((resolve) => {
    recorder.onstop = () => {
      release(stream);
      source.disconnect();
      void context.close();
      resolve();
    };
  });
  recorder.start();
  const end = (): void => {
    if (recorder.state !== "inactive") recorder.stop();
  };
  return {
    level: () => {
      listening.getByteTimeDomainData(samples);
      let most = 0;
      for (const sample of samples) most = Math.max(most, Math.abs(sample - 128) / 128);
      return most;
    },
    stop: async () => {
      end();
      await ended;
      return new File(pieces, nameOf(new Date(), kind[1]), { type: kind[0].split(";")[0] ?? "" });
    },
    cancel: () => {
      // Whatever the recorder still has to say.
      release(stream);
      end();
    },
  };
}

function kindHere(): (typeof KINDS)[number] | undefined {
  return KINDS.find(([type]) => globalThis.MediaRecorder?.isTypeSupported(type));
}

function nameOf(at: Date, ending: string): string {
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `voice-message-${day}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}.${ending}`;
}
