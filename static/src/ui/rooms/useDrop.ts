// Files that are dragged onto a room go into its tray, wherever in it they fall.
import { useRef, useState } from "preact/hooks";

interface Drop {
  isOver: boolean;
  handlers: {
    onDragEnter(event: DragEvent): void;
    onDragOver(event: DragEvent): void;
    onDragLeave(event: DragEvent): void;
    onDrop(event: DragEvent): void;
  };
}

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** `take` is null where nothing can be written: then the browser does what it does. */
export function useDrop(take: ((files: File[]) => void) | null): Drop {
  const [isOver, setOver] = useState(false);
  // Each element inside says that it was entered before the last one says that it was left.
  const depth = useRef(0);
  const step = (event: DragEvent, by: number): void => {
    if (!take || !holdsFiles(event)) return;
    event.preventDefault();
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  return {
    isOver,
    handlers: {
      onDragEnter: (event) => step(event, 1),
      onDragOver: (event) => step(event, 0),
      onDragLeave: (event) => step(event, -1),
      onDrop: (event) => {
        step(event, -depth.current);
        if (take && holdsFiles(event)) take([...(event.dataTransfer?.files ?? [])]);
      },
    },
  };
}
