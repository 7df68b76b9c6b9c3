// The picture of the workspace, or the mark of Maru where it has none.
import { workspace } from "../../store/workspace";
import { Mark } from "./Mark";
import "../../styles/mark.css";

export function WorkspaceMark({ size }: { size: number }) {
  const { logo } = workspace.value;
  if (logo === null) return <Mark size={size} />;
  return <img class="workspace-logo" src={logo} alt="" style={{ height: `${size}px` }} draggable={false} />;
}
