// Who is kept out of rooms or only reads there, over all rooms, until when, and the way to lift it.
import { Ban, Search, VolumeX } from "lucide-preact";
import { useRef, useState } from "preact/hooks";
import { dueOf, fullOf } from "../../text/dates";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Avatar } from "../common/Avatar";
import { Button } from "../common/Button";
import { tell, toast } from "../common/toasts";
import { usePages } from "../common/usePages";
import { useSettled } from "../common/useSettled";
import { follow } from "../route";
import type { Sanction } from "./calls";
import * as calls from "./calls";
import { FoundPages } from "./FoundPages";

const KINDS = ["all", "ban", "mute"] as const;

export function SanctionsSection() {
  const { rest } = useActions();
  const [kind, setKind] = useState<(typeof KINDS)[number]>("all");
  const [text, setText] = useState("");
  const title = useRef<HTMLHeadingElement>(null);
  const asked = useSettled(text.trim());
  const pages = usePages(
    JSON.stringify([asked, kind]),
    (cursor) => calls.sanctions(rest, { kind, q: asked, cursor: cursor ?? undefined }),
    (one) => one.id,
  );

  const lift = (one: Sanction): void => {
    // What had the focus goes.
    title.current?.focus();
    const done = calls.lift(rest, one).then(() => {
      toast(
        t(one.kind === "ban" ? "sanctions.ban_lifted" : "sanctions.mute_lifted", { name: one.user.name }),
      );
      pages.again();
    });
    void tell(done);
  };

  return (
    <section class="admin-section" aria-labelledby="admin-sanctions">
      <div class="admin-head">
        <h2 id="admin-sanctions" ref={title} tabIndex={-1}>
          {t("admin.sanctions")}
        </h2>
        {pages.total ? <span class="admin-count">{t("sanctions.total", { n: pages.total })}</span> : null}
      </div>
      <div class="admin-filters">
        <label class="search-field admin-search">
          <span class="unseen">{t("sanctions.search")}</span>
          <Search size={16} strokeWidth={2} aria-hidden="true" />
          <input
            class="input"
            type="search"
            autocomplete="off"
            placeholder={t("sanctions.search")}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <select
          class="input admin-select"
          aria-label={t("sanctions.kind")}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as (typeof KINDS)[number])}
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(`sanctions.kind_${one}`)}
            </option>
          ))}
        </select>
      </div>
      <FoundPages
        pages={pages}
        rows={4}
        none={t(asked || kind !== "all" ? "sanctions.none_found" : "sanctions.none")}
      >
        {(sanctions) => (
          <ul class="admin-list">
            {sanctions.map((one) => (
              <li key={one.id} class="admin-row sanction-row">
                <Row sanction={one} onLift={() => lift(one)} />
              </li>
            ))}
          </ul>
        )}
      </FoundPages>
    </section>
  );
}

function Row({ sanction, onLift }: { sanction: Sanction; onLift: () => void }) {
  const { kind, user, room, since, until } = sanction;
  const Sign = kind === "ban" ? Ban : VolumeX;
  return (
    <>
      <Avatar person={user} size={36} status={null} />
      <span class="admin-row-words">
        <span class="admin-row-name">
          <a href={`/admin/people/${user.id}/`} onClick={follow}>
            <bdi>{user.name}</bdi>
          </a>
          <span class="role-mark sanction-mark">
            <Sign size={12} strokeWidth={2.25} aria-hidden="true" />
            {t(`sanctions.${kind}`)}
          </span>
        </span>
        <span class="admin-row-meta">
          <bdi>{t("sanctions.in", { room: room.name })}</bdi>
          {" · "}
          {until ? (
            <time dateTime={until} title={fullOf(until)}>
              {t("sanctions.until", { when: dueOf(until) })}
            </time>
          ) : (
            t("sanctions.no_end")
          )}
          {since ? ` · ${t("sanctions.since", { when: dueOf(since) })}` : ""}
        </span>
      </span>
      <Button small onClick={onLift}>
        {t("sanctions.lift")}
      </Button>
    </>
  );
}
