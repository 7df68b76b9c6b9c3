// A sheet with the ending of a file's name on it.
import { endingOf } from "./file";
import "../../styles/file-icon.css";

export function FileIcon({ name }: { name: string }) {
  return (
    <span class="file-icon" aria-hidden="true">
      {endingOf(name)}
    </span>
  );
}
