// A row of bars; those that have been heard are darker.
const STEP = 4;
const HEIGHT = 28;

export function Waveform({ bars, heard }: { bars: readonly number[]; heard: number }) {
  return (
    <svg
      class="voice-wave"
      viewBox={`0 0 ${bars.length * STEP} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {bars.map((bar, at) => {
        const height = Math.max(2, bar * HEIGHT);
        return (
          <rect
            key={at}
            x={at * STEP}
            y={(HEIGHT - height) / 2}
            width={STEP - 1.5}
            height={height}
            rx={1}
            data-heard={at < heard * bars.length || undefined}
          />
        );
      })}
    </svg>
  );
}
