"""Every Prometheus metric, declared in one list."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# What worker processes count. No collector asks them: they add it up in Redis (pipeline/figures.py), and each web
# process shows the sum. Labels must be bounded by the code, because nothing there is ever taken out.
WORKERS = CollectorRegistry()

CONNECTIONS = Gauge("maru_connections", "Open sockets.")
HANDSHAKES = Counter("maru_handshakes_total", "Sockets by what became of the handshake.", ["outcome"])
SIGN_INS = Counter("maru_sign_ins_total", "Sign-ins of sockets by how they were known.", ["outcome"])
CLOSES = Counter("maru_closes_total", "Closed sockets by code.", ["code"])
COMMANDS = Counter("maru_commands_total", "Commands by type.", ["type"])
REFUSALS = Counter("maru_refusals_total", "Refused commands by code.", ["code"])
BATCH_SIZE = Histogram("maru_batch_commands", "Commands in a batch.", buckets=(1, 2, 4, 8, 16, 32, 64, 128))
COMMIT_SECONDS = Histogram(
    "maru_commit_seconds",
    "Time of a batch in the database.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.05, 0.2, 1, 5),
)
WRITER_QUEUE = Gauge("maru_writer_queue_commands", "Commands that wait for a batch.")
PUBLISH_FAILURES = Counter("maru_publish_failures_total", "Envelopes that the channel layer did not take.")
PUBLISH_DROPPED = Counter(
    "maru_publish_dropped_total", "Envelopes dropped because the publish queue was full."
)
HUB_HOLES = Counter("maru_hub_holes_total", "Holes in a room's changes that were filled from the database.")
HUB_REPAIRS = Counter(
    "maru_hub_repairs_total", "Rooms found behind the database: envelopes were lost silently."
)
ROLL_CALL_REPAIRS = Counter(
    "maru_roll_call_repairs_total",
    "Rooms that a connection had not been told of: an event was lost silently.",
)
BAD_ENVELOPES = Counter("maru_bad_envelopes_total", "Envelopes that could not be read.")
CATCHING_UP_WAITING = Gauge(
    "maru_catching_up_waiting", "Clients that wait for their turn to read what they missed."
)
RESUMES = Counter("maru_resume_rooms_total", "Rooms of a resume by outcome.", ["outcome"])
TASKS = Counter(
    "maru_tasks_total",
    "Tasks of the workers, and the follow-up work in them, by outcome.",
    ["task", "outcome"],
    registry=WORKERS,
)
TASK_SECONDS = Histogram(
    "maru_task_seconds",
    "How long they ran.",
    ["task"],
    buckets=(0.01, 0.05, 0.2, 1, 5, 20, 60, 240),
    registry=WORKERS,
)
WORKERS_HEARD = Gauge(
    "maru_workers", "Workers that were heard of lately, by the queue they serve.", ["queue"]
)
BEATS_HEARD = Gauge("maru_beats", "Clocks that were heard of lately; there should be one.")
OUTBOX_DUE = Gauge("maru_outbox_due_entries", "Follow-up work that could be done now.", ["queue"])
OUTBOX_OLDEST_S = Gauge("maru_outbox_oldest_seconds", "How long the oldest of it has been due.", ["queue"])
OUTBOX_PARKED = Gauge("maru_outbox_parked_entries", "Follow-up work put aside after its failures.", ["queue"])
LATER_DUE = Gauge("maru_later_due_rows", "What people have put off and whose time has come.", ["kind"])
LATER_OLDEST_S = Gauge("maru_later_oldest_seconds", "How long the oldest of it has been due.", ["kind"])
PREVIEWS_FETCHED = Counter(
    "maru_previews_fetched_total", "Requests for links that brought something.", registry=WORKERS
)
DERIVED_WRONG = Gauge(
    "maru_derived_wrong_rows", "Rows that the last look at derived numbers has found wrong.", ["kind"]
)
DERIVED_AGE_S = Gauge("maru_derived_age_seconds", "How long ago that look came to its end.")
PREVIEWS_REFUSED = Counter(
    "maru_previews_refused_total",
    "Requests for links that were not made, by the rule that forbids them.",
    ["reason"],
    registry=WORKERS,
)
PREVIEWS_FAILED = Counter(
    "maru_previews_failed_total",
    "Requests for links that brought nothing, by why.",
    ["reason"],
    registry=WORKERS,
)
PUSHES = Counter("maru_pushes_total", "Requests to push services by outcome.", ["outcome"], registry=WORKERS)
UPLOADS = Counter("maru_uploads_total", "Files that were uploaded.")
UPLOADS_REFUSED = Counter("maru_uploads_refused_total", "Uploads that were not taken, by why.", ["reason"])
PICTURES = Counter(
    "maru_pictures_total",
    "Pictures of messages that were made anew, by outcome.",
    ["outcome"],
    registry=WORKERS,
)
LAYER_DEGRADED = Gauge("maru_layer_degraded", "1 while the channel layer does not carry our own heartbeat.")
DATABASE_AWAY = Gauge(
    "maru_database_away", "1 while the database is not asked because it did not answer.", ["way"]
)
SEARCH_SECONDS = Histogram(
    "maru_search_seconds",
    "Time of a search in the database.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
SEARCH_BEHIND = Gauge("maru_search_behind_changes", "Changes of rooms that are not in the search index yet.")
