// The faces of a list that is not full: loading (after 150 ms), empty, failed.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../text/t";
import { Button } from "./Button";
import "../../styles/states.css";

const SHOW_AFTER_MS = 150;

interface SkeletonProps {
  rows?: number;
  kind?: "message" | "line";
}

/** Grey rows in the shape of what comes; quick answers never flash them. */
export function Skeleton({ rows = 6, kind = "line" }: SkeletonProps) {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SHOW_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return null;
  return (
    <div class={`skeleton skeleton-${kind}`} role="status" aria-label={t("state.loading")}>
      {Array.from({ length: rows }, (_, row) => (
        <div class="skeleton-row" key={row} data-row={row % 4}>
          <span class="skeleton-face" />
          <span class="skeleton-text">
            <span />
            <span />
          </span>
        </div>
      ))}
    </div>
  );
}

interface EmptyProps {
  title: string;
  children?: ComponentChildren;
  mark?: ComponentChildren;
}

/** A sentence and the next step. */
export function Empty({ title, children, mark }: EmptyProps) {
  return (
    <div class="empty">
      {mark}
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

interface FailedProps {
  text: string;
  onRetry: () => void;
}

/** What happened, and Retry. */
export function Failed({ text, onRetry }: FailedProps) {
  return (
    <div class="failed" role="alert">
      <p>{text}</p>
      <Button small onClick={onRetry}>
        {t("state.retry")}
      </Button>
    </div>
  );
}
