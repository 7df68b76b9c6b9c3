// The sections of the settings, in the order of the list. A new one is a line here and a component beside.
import { Bell, Building2, Download, KeyRound, Languages, type LucideIcon, UserRound } from "lucide-preact";
import type { ComponentType } from "preact";
import type { Me } from "../../protocol";
import type { Key } from "../../text/t";
import { AppearanceSection } from "./AppearanceSection";
import { DataSection } from "./DataSection";
import { NotificationsSection } from "./NotificationsSection";
import { ProfileSection } from "./ProfileSection";
import { SecuritySection } from "./SecuritySection";
import { WorkspaceSection } from "./WorkspaceSection";

export interface Section {
  /** The last part of its address: /settings/ID/. */
  id: string;
  title: Key;
  icon: LucideIcon;
  group: "me" | "account" | "workspace";
  Body: ComponentType;
  /** For whom; without it for everybody. */
  isFor?: (me: Me) => boolean;
}

export const SECTIONS: readonly Section[] = [
  { id: "profile", title: "settings.profile", icon: UserRound, group: "me", Body: ProfileSection },
  { id: "appearance", title: "settings.appearance", icon: Languages, group: "me", Body: AppearanceSection },
  { id: "notifications", title: "notify.title", icon: Bell, group: "me", Body: NotificationsSection },
  { id: "security", title: "settings.security", icon: KeyRound, group: "account", Body: SecuritySection },
  { id: "data", title: "settings.data", icon: Download, group: "account", Body: DataSection },
  {
    id: "workspace",
    title: "settings.workspace",
    icon: Building2,
    group: "workspace",
    Body: WorkspaceSection,
    isFor: ({ role }) => role === "owner" || role === "admin",
  },
];

/** The sections that somebody has. */
export function sectionsOf(me: Me): Section[] {
  return SECTIONS.filter(({ isFor }) => !isFor || isFor(me));
}
