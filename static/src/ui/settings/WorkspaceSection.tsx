// What whoever runs the workspace decides for all.
import { RetentionCard } from "./RetentionCard";

export function WorkspaceSection() {
  return <RetentionCard />;
}
