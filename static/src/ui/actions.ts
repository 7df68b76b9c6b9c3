// How components reach what the screen may do, and what the server said about itself.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Actions } from "../net/actions";
import type { Config } from "../net/config";

export interface Reach {
  actions: Actions;
  config: Config;
}

export const ReachContext = createContext<Reach | null>(null);

function useReach(): Reach {
  const reach = useContext(ReachContext);
  if (!reach) throw new Error("this component stands outside of App");
  return reach;
}

/** What the screen may do. */
export function useActions(): Actions {
  return useReach().actions;
}

/** What the server said about itself. */
export function useConfig(): Config {
  return useReach().config;
}
