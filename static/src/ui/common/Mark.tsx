// The mark of Maru: boards of a wooden floor, laid the old way between two beams.
import "../../styles/mark.css";

interface MarkProps {
  size?: number;
}

export function Mark({ size = 28 }: MarkProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" class="mark">
      <rect width="32" height="32" rx="8" class="mark-ground" />
      <g class="mark-board">
        <rect x="6" y="6" width="4" height="20" rx="1" />
        <rect x="22" y="6" width="4" height="20" rx="1" />
        <rect x="11.5" y="6" width="9" height="5.6" rx="1" />
        <rect x="11.5" y="13.2" width="9" height="5.6" rx="1" />
        <rect x="11.5" y="20.4" width="9" height="5.6" rx="1" />
      </g>
    </svg>
  );
}
