// What somebody types, once they pause.
import { useEffect, useState } from "preact/hooks";

const PAUSE_MS = 200;

/** The value as it was when it had stood for a moment; to empty it counts at once. */
export function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (value === settled) return undefined;
    const timer = setTimeout(() => setSettled(value), value === "" ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value, settled]);
  return settled;
}
