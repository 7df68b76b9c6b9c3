// What I take with me, and the way out for good.
import { DataCard } from "../exports/DataCard";
import { EraseCard } from "./EraseCard";

export function DataSection() {
  return (
    <>
      <DataCard />
      <EraseCard />
    </>
  );
}
