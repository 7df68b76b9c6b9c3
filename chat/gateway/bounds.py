"""The numbers within which the server keeps every connection, with safe defaults."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Bounds of one web process; times in seconds, sizes in bytes."""

    # from a client: one message, and also one frame of it
    message_bytes: int = 64 * KIB
    message_s: float = 30.0
    fragments_count: int = 1024
    # waiting for the application; reading stops above and resumes at half
    inbox_count: int = 32
    inbox_bytes: int = 64 * KIB
    # Copied for one slow reader: what is queued before that is shared with the others of its room. Within
    # slow_reader_s half of it must be read.
    outbox_bytes: int = 64 * KIB
    # the same for an answer over HTTP, of which nothing is shared
    response_bytes: int = 256 * KIB
    slow_reader_s: float = 10.0
    pings_per_s: float = 10.0
    pings_burst_count: int = 40

    ping_interval_s: float = 25.0
    ping_timeout_s: float = 20.0
    handshake_s: float = 5.0
    close_s: float = 5.0
    application_close_s: float = 10.0

    body_bytes: int = 1 * MIB
    # (path prefix, bytes): the few paths that take more
    larger_bodies: tuple[tuple[str, int], ...] = ()
    # Paths whose bodies their application takes as they come, and bounds itself; so much of one waits for it.
    streamed_bodies: tuple[str, ...] = ()
    # The same for what is added to something by PATCH below these.
    streamed_patches: tuple[str, ...] = ()
    intake_bytes: int = 256 * KIB
    header_s: float = 10.0
    body_s: float = 10.0
    idle_s: float = 65.0
    response_s: float = 60.0

    drain_s: float = 30.0
    drain_per_s: float = 200.0
    # A little more than a command that was accepted may wait for its answer.
    flush_s: float = 10.0
    stop_s: float = 5.0
    request_drain_s: float = 10.0
    hard_stop_s: float = 45.0

    def __post_init__(self) -> None:
        if self.ping_timeout_s >= self.ping_interval_s:
            # autobahn forgets the older of two pending timers and drops a peer that has answered
            raise ValueError(
                f"ping_timeout_s is {self.ping_timeout_s:g}, it must be below ping_interval_s "
                f"({self.ping_interval_s:g})"
            )

    def body_bytes_of(self, path: str) -> int:
        """Return how many bytes a request body to this path may have."""
        for prefix, limit in self.larger_bodies:
            if path.startswith(prefix):
                return limit
        return self.body_bytes
