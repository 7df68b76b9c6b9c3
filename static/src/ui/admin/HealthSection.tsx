// How the installation is doing: what does not work, what is stored, what waits, and what failed.
import { RefreshCw, RotateCcw } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { shortOf } from "../../text/dates";
import { sizeOf } from "../../text/sizes";
import { isKey, t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failed, Skeleton } from "../common/States";
import { tell, toast } from "../common/toasts";
import { useRead } from "../common/useRead";
import type { FailedWork, Health } from "./calls";
import * as calls from "./calls";

export function HealthSection() {
  const { rest } = useActions();
  const read = useRead("health", () => calls.health(rest));
  const work = useRead("work", () => calls.failedWork(rest));
  const again = (): void => {
    read.again();
    work.again();
  };
  const retry = (asked: Promise<{ count: number }>): void =>
    void tell(
      asked.then(({ count }) => {
        toast(t("health.retried", { n: count }));
        again();
      }),
    );
  return (
    <section class="admin-section admin-section-broad" aria-labelledby="admin-health">
      <div class="admin-head">
        <h2 id="admin-health">{t("admin.health")}</h2>
        <Button small icon={RefreshCw} onClick={again}>
          {t("health.refresh")}
        </Button>
      </div>
      {read.failure ? <Failed text={read.failure} onRetry={read.again} /> : null}
      {!read.value && !read.failure ? <Skeleton rows={6} /> : null}
      {read.value ? <Figures health={read.value} /> : null}
      {work.failure ? <Failed text={work.failure} onRetry={work.again} /> : null}
      {work.value ? (
        <Work
          items={work.value.items}
          hasMore={work.value.next !== null}
          onRetry={(id) => retry(calls.retryWork(rest, id))}
          onRetryAll={() => retry(calls.retryAll(rest))}
        />
      ) : null}
      {read.value ? <Versions health={read.value} /> : null}
    </section>
  );
}

function Figures({ health }: { health: Health }) {
  const { storage, people } = health;
  const broken = brokenParts(health);
  const isWell = broken.length === 0;
  return (
    <>
      <p class={isWell ? "health-state" : "health-state health-state-bad"} role="status">
        {isWell
          ? t("health.well")
          : t("health.not_well", { parts: broken.map((part) => named("health.part", part)).join(", ") })}
      </p>
      <ul class="health-tiles">
        <Tile
          name={t("health.people")}
          value={people.active}
          detail={t("health.people_more", { ...people })}
        />
        <Tile
          name={t("health.connections")}
          value={health.connections}
          detail={t("health.connections_hint")}
        />
        <Tile
          name={t("health.messages")}
          value={health.messages}
          detail={t("health.rooms", { n: health.rooms })}
        />
        <Tile
          name={t("health.files")}
          value={sizeOf(storage.files_bytes)}
          detail={
            storage.files_max_bytes > 0
              ? t("health.of", { size: sizeOf(storage.files_max_bytes) })
              : t("health.files_n", { n: storage.files })
          }
        >
          {storage.files_max_bytes > 0 ? (
            <meter
              class="health-meter"
              min={0}
              max={storage.files_max_bytes}
              high={storage.files_max_bytes * 0.9}
              value={storage.files_bytes}
              aria-label={t("health.files")}
            />
          ) : null}
        </Tile>
        <Tile
          name={t("health.database")}
          value={sizeOf(storage.database_bytes)}
          detail={health.parts.database ?? ""}
        />
        {storage.disk_free_bytes === null ? null : (
          <Tile
            name={t("health.free")}
            value={sizeOf(storage.disk_free_bytes)}
            detail={t("health.exports", { size: sizeOf(storage.exports_bytes) })}
          />
        )}
      </ul>
      <div class="settings-card">
        <h3>{t("health.queues")}</h3>
        {health.has_workers && !health.is_known ? <p class="field-hint">{t("health.unknown")}</p> : null}
        {health.has_workers ? null : <p class="field-hint">{t("health.no_workers")}</p>}
        <div class="admin-scroll">
          <table class="admin-table">
            <thead>
              <tr>
                <th scope="col">{t("health.queue")}</th>
                <th scope="col">{t("health.due")}</th>
                <th scope="col">{t("health.since")}</th>
                <th scope="col">{t("health.parked")}</th>
                <th scope="col">{t("health.workers")}</th>
              </tr>
            </thead>
            <tbody>
              {health.queues.map((line) => (
                <tr key={line.name}>
                  <th scope="row">{named("health.queue", line.name)}</th>
                  <td>{line.due}</td>
                  <td>{line.since ? shortOf(line.since) : "–"}</td>
                  <td data-bad={line.parked > 0 || undefined}>{line.parked}</td>
                  <td data-bad={line.workers === 0 || undefined}>{line.workers ?? "–"}</td>
                </tr>
              ))}
              {health.later.map((line) => (
                <tr key={line.name}>
                  <th scope="row">{named("health.later", line.name)}</th>
                  <td>{line.due}</td>
                  <td>{line.since ? shortOf(line.since) : "–"}</td>
                  <td>–</td>
                  <td>–</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </>
  );
}

interface WorkProps {
  items: FailedWork[];
  hasMore: boolean;
  onRetry: (id: number) => void;
  onRetryAll: () => void;
}

function Work({ items, hasMore, onRetry, onRetryAll }: WorkProps) {
  return (
    <div class="settings-card">
      <div class="admin-head">
        <h3>{t("health.failed")}</h3>
        {items.length > 0 ? (
          <Button small icon={RotateCcw} onClick={onRetryAll}>
            {t("health.retry_all")}
          </Button>
        ) : null}
      </div>
      {items.length === 0 ? <p class="admin-none">{t("health.failed_none")}</p> : null}
      {items.length > 0 ? (
        <ul class="health-failed">
          {items.map((one) => (
            <li key={one.id}>
              <div class="admin-row-words">
                <span class="admin-row-name">{one.task}</span>
                <span class="admin-row-meta">
                  {t("health.attempts", { n: one.attempts, when: shortOf(one.parked_at) })}
                </span>
                <code class="health-error">{one.error}</code>
              </div>
              <Button small onClick={() => onRetry(one.id)}>
                {t("health.retry")}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {hasMore ? <p class="field-hint">{t("health.failed_more")}</p> : null}
    </div>
  );
}

function Versions({ health }: { health: Health }) {
  return (
    <p class="admin-versions">
      Maru {health.version} · {health.parts.database} · Django {health.parts.django} · Python{" "}
      {health.parts.python}
    </p>
  );
}

interface TileProps {
  name: string;
  value: number | string;
  detail: string;
  children?: ComponentChildren;
}

function Tile({ name, value, detail, children }: TileProps) {
  return (
    <li class="health-tile">
      <span class="health-tile-name">{name}</span>
      <span class="health-tile-value">{typeof value === "number" ? value.toLocaleString() : value}</span>
      {children}
      <span class="health-tile-detail">{detail}</span>
    </li>
  );
}

/** What does not work: told by the server, or seen in the figures. */
function brokenParts({ degraded, has_workers, is_known, queues, beats }: Health): string[] {
  if (!has_workers) return degraded;
  if (!is_known) return [...new Set([...degraded, "redis"])];
  const isUnattended = queues.some(({ workers }) => workers === 0);
  return [...degraded, ...(isUnattended ? ["workers"] : []), ...(beats === 0 ? ["beat"] : [])];
}

function named(group: string, name: string): string {
  const key = `${group}_${name}`;
  return isKey(key) ? t(key) : name;
}
