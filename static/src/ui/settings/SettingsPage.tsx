// The settings: the list of sections, and the one that is open beside it. On a phone one after the other.
import { ArrowLeft, ChevronRight, LogOut } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { IconButton } from "../common/IconButton";
import { StateLine } from "../common/StateLine";
import { tell } from "../common/toasts";
import { layout } from "../layout";
import { back, follow } from "../route";
import { me } from "../selectors";
import { type Section, sectionsOf } from "./sections";
import "../../styles/settings.css";
import "../../styles/settings-frame.css";

const GROUPS = ["me", "account", "workspace"] as const;

export default function SettingsPage({ section }: { section: string | null }) {
  const sections = sectionsOf(me.value);
  const isPhone = layout.value === "phone";
  // An address of a section that somebody does not have leads to the first one.
  const named = sections.find(({ id }) => id === section);
  const open = named ?? (isPhone ? undefined : sections[0]);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    body.current?.scrollTo(0, 0);
  }, [open?.id]);
  return (
    <main class="room" id="main" tabIndex={-1}>
      <header class="room-head">
        {isPhone ? (
          <IconButton
            icon={ArrowLeft}
            label={t("nav.back")}
            onClick={() => back(open ? "/settings/" : "/")}
          />
        ) : null}
        <h1 class="room-title">{isPhone && open ? t(open.title) : t("settings.title")}</h1>
      </header>
      <StateLine />
      <div class="settings-frame">
        {isPhone && open ? null : <SectionList sections={sections} open={open} />}
        {open ? (
          <div class="settings" ref={body}>
            <open.Body key={open.id} />
          </div>
        ) : null}
      </div>
    </main>
  );
}

function SectionList({ sections, open }: { sections: Section[]; open: Section | undefined }) {
  const actions = useActions();
  const mine = me.value;
  return (
    <nav class="settings-nav" aria-label={t("settings.sections")}>
      <div class="settings-nav-me">
        <Avatar person={mine} size={36} />
        <div>
          <bdi class="settings-nav-name">{mine.name}</bdi>
          <p>@{mine.handle}</p>
        </div>
      </div>
      {GROUPS.map((group) => {
        const inside = sections.filter((section) => section.group === group);
        if (inside.length === 0) return null;
        return (
          <div class="settings-group" key={group}>
            <h2 id={`settings-${group}`}>{t(`settings.group_${group}`)}</h2>
            <ul aria-labelledby={`settings-${group}`}>
              {inside.map(({ id, title, icon: Icon }) => (
                <li key={id}>
                  <a
                    class="settings-link"
                    href={`/settings/${id}/`}
                    aria-current={open?.id === id ? "page" : undefined}
                    onClick={follow}
                  >
                    <Icon size={18} strokeWidth={1.75} aria-hidden="true" />
                    <span>{t(title)}</span>
                    <ChevronRight class="settings-go" size={16} strokeWidth={2} aria-hidden="true" />
                  </a>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
      <div class="settings-leave">
        <Button kind="quiet" icon={LogOut} onClick={() => void tell(actions.signOut())}>
          {t("sidebar.sign_out")}
        </Button>
      </div>
    </nav>
  );
}
