// The sections of the settings, in the order of the list. A new one is a line here and a component beside.
import {
  AtSign,
  Bell,
  Building2,
  Download,
  KeyRound,
  Languages,
  type LucideIcon,
  MonitorSmartphone,
  SmilePlus,
  SquareTerminal,
  UserRound,
} from "lucide-preact";
import type { ComponentType } from "preact";
import type { Me } from "../../protocol";
import type { Key } from "../../text/t";
import { EmojiSection } from "../emoji/EmojiSection";
import { GroupsSection } from "../groups/GroupsSection";
import { AppearanceSection } from "./AppearanceSection";
import { DataSection } from "./DataSection";
import { DevicesSection } from "./DevicesSection";
import { NotificationsSection } from "./NotificationsSection";
import { ProfileSection } from "./ProfileSection";
import { SecuritySection } from "./SecuritySection";
import { TokensSection } from "./TokensSection";
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
  {
    id: "devices",
    title: "settings.devices",
    icon: MonitorSmartphone,
    group: "account",
    Body: DevicesSection,
  },
  { id: "tokens", title: "settings.tokens", icon: SquareTerminal, group: "account", Body: TokensSection },
  { id: "data", title: "settings.data", icon: Download, group: "account", Body: DataSection },
  {
    id: "groups",
    title: "groups.title",
    icon: AtSign,
    group: "workspace",
    Body: GroupsSection,
    isFor: ({ role }) => role !== "guest",
  },
  {
    id: "emoji",
    title: "own_emoji.title",
    icon: SmilePlus,
    group: "workspace",
    Body: EmojiSection,
    isFor: ({ role }) => role !== "guest",
  },
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
