// A box that floats beside its anchor: above everything, closed by Esc, by a click elsewhere, or by its owner.
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { placeBox } from "./place";
import "../../styles/popover.css";

interface PopoverProps {
  anchor: HTMLElement;
  onClose: () => void;
  children: ComponentChildren;
  align?: "start" | "end";
  label?: string;
  class?: string;
}

export function Popover({ anchor, onClose, children, align = "start", label, ...props }: PopoverProps) {
  const ref = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return undefined;
    box.showPopover();
    const place = (): void => {
      box.style.maxHeight = "";
      const view = { width: document.documentElement.clientWidth, height: innerHeight };
      const spot = placeBox(anchor.getBoundingClientRect(), box.getBoundingClientRect(), view, align);
      box.style.top = `${spot.top}px`;
      box.style.left = `${spot.left}px`;
      box.style.maxHeight = `${spot.maxHeight}px`;
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(box);
    addEventListener("resize", place);
    return () => {
      observer.disconnect();
      removeEventListener("resize", place);
    };
  }, [anchor, align]);

  useEffect(() => {
    const box = ref.current;
    return () => {
      // The focus would fall to the body together with the box.
      if (box?.contains(document.activeElement) || document.activeElement === document.body) anchor.focus();
    };
  }, [anchor]);

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: it has a name exactly when it is a dialog.
    <div
      ref={ref}
      popover="auto"
      class={`popover${props.class ? ` ${props.class}` : ""}`}
      role={label ? "dialog" : undefined}
      aria-label={label}
      onToggle={(event: Event) => {
        if ((event as ToggleEvent).newState === "closed") onClose();
      }}
    >
      {children}
    </div>
  );
}
