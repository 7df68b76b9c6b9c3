// What the server tells the page about itself, in the JSON script of the template.
import type { Me } from "../protocol";

export interface Config {
  user: Me;
  language: "en" | "ko";
  csrf: string;
  workspace: string;
  logo: string | null;
  socket: string;
  api: string;
  signOut: string;
  settings: {
    signup: "open" | "domain" | "invite" | "closed";
    makesRooms: boolean;
    invites: boolean;
    makesEmoji: boolean;
    previews: boolean;
    push: string | null;
    uploadMaxBytes: number;
  };
  version: string;
}

/** Read the page's configuration; the server always writes it, so a missing one is a broken deployment. */
export function readConfig(): Config {
  const text = document.getElementById("config")?.textContent;
  if (!text) throw new Error("the page came without its configuration");
  return JSON.parse(text) as Config;
}
