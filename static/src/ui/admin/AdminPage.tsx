// The area of those who run the workspace: its sections at the left, one of them at the right; on a phone one at a time.
import {
  Activity,
  ArrowLeft,
  AtSign,
  Ban,
  Database,
  Flag,
  ScrollText,
  Settings2,
  SmilePlus,
  Users,
} from "lucide-preact";
import { useEffect } from "preact/hooks";
import { moderates, openReports } from "../../store/reports";
import { state } from "../../store/signals";
import { type Key, t } from "../../text/t";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { Empty } from "../common/States";
import { EmojiSection } from "../emoji/EmojiSection";
import { GroupsSection } from "../groups/GroupsSection";
import { layout } from "../layout";
import { ADMIN_SECTIONS, type AdminSection, back, follow, go } from "../route";
import { me } from "../selectors";
import { AuditSection } from "./AuditSection";
import { DataSection } from "./DataSection";
import { HealthSection } from "./HealthSection";
import { PeopleSection } from "./PeopleSection";
import { PersonSection } from "./PersonSection";
import { ReportsSection } from "./ReportsSection";
import { SanctionsSection } from "./SanctionsSection";
import { WorkspaceSection } from "./WorkspaceSection";
import "../../styles/settings.css";
import "../../styles/admin.css";
import "../../styles/admin-record.css";
import "../../styles/role-mark.css";

interface AdminPageProps {
  section: AdminSection | null;
  person: number | null;
}

const ICONS = {
  people: Users,
  workspace: Settings2,
  emoji: SmilePlus,
  data: Database,
  reports: Flag,
  groups: AtSign,
  sanctions: Ban,
  audit: ScrollText,
  health: Activity,
} as const;

export function AdminPage({ section, person }: AdminPageProps) {
  const { role } = me.value;
  const runsWorkspace = role === "owner" || role === "admin";
  const isPhone = layout.value === "phone";
  const shown = ADMIN_SECTIONS.filter(
    (one) => runsWorkspace || (one === "reports" && moderates(state.value)),
  );
  const isListed = section === null;

  useEffect(() => {
    // With room for both the first section stands beside the list.
    if (isListed && !isPhone && shown[0]) go(pathOf(shown[0]), true);
  }, [isListed, isPhone]);

  if (shown.length === 0 || (section !== null && !shown.includes(section))) return <NotForMe />;
  const title = isPhone && section !== null ? t(`admin.${section}`) : t("admin.title");
  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        {isPhone ? (
          <IconButton
            icon={ArrowLeft}
            label={t("nav.back")}
            onClick={() => back(person !== null ? "/admin/people/" : section === null ? "/" : "/admin/")}
          />
        ) : null}
        <h1 class="room-title">{title}</h1>
      </header>
      <StateLine />
      <div class="admin">
        {isPhone && !isListed ? null : (
          <nav class="admin-nav" aria-label={t("admin.title")}>
            {shown.map((one) => (
              <SectionLink key={one} section={one} isHere={one === section} />
            ))}
          </nav>
        )}
        {section === null ? null : (
          <div class="admin-place" key={`${section} ${person}`}>
            <Section section={section} person={person} />
          </div>
        )}
      </div>
    </main>
  );
}

function Section({ section, person }: { section: AdminSection; person: number | null }) {
  if (section === "people") return person === null ? <PeopleSection /> : <PersonSection id={person} />;
  if (section === "groups") return <GroupsSection />;
  if (section === "workspace") return <WorkspaceSection />;
  if (section === "emoji")
    return (
      <div class="admin-section">
        <EmojiSection />
      </div>
    );
  if (section === "data") return <DataSection />;
  if (section === "reports") return <ReportsSection />;
  if (section === "sanctions") return <SanctionsSection />;
  return section === "audit" ? <AuditSection /> : <HealthSection />;
}

function SectionLink({ section, isHere }: { section: AdminSection; isHere: boolean }) {
  const Icon = ICONS[section];
  const n = section === "reports" ? openReports.value : 0;
  return (
    <a class="admin-link" href={pathOf(section)} aria-current={isHere ? "page" : undefined} onClick={follow}>
      <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
      <span class="admin-link-words">
        <span class="admin-link-name">{t(`admin.${section}`)}</span>
        <span class="admin-link-hint">{t(`admin.${section}_hint` as Key)}</span>
      </span>
      {n > 0 ? (
        <span class="mention-count">
          <span aria-hidden="true">{n > 99 ? "99+" : n}</span>
          <span class="unseen">, {t("reports.waiting", { n })}</span>
        </span>
      ) : null}
    </a>
  );
}

function NotForMe() {
  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        {layout.value === "phone" ? (
          <IconButton icon={ArrowLeft} label={t("nav.back")} onClick={() => back("/")} />
        ) : null}
        <h1 class="room-title">{t("admin.title")}</h1>
      </header>
      <StateLine />
      <Empty title={t("admin.not_for_me")}>
        <a href="/" onClick={follow}>
          {t("admin.to_rooms")}
        </a>
      </Empty>
    </main>
  );
}

function pathOf(section: AdminSection): string {
  return `/admin/${section}/`;
}
