"""nginx in front of several web processes, with the very configuration that is shipped."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from scripts.programs import find_nginx
from scripts.services.ports import can_connect, free_port
from scripts.services.process import ROOT, Process


class Nginx(Process):
    """nginx on 127.0.0.1, spreading to `upstreams` ("127.0.0.1:9001" or "unix:/path").

    deploy/nginx.conf is used unchanged; only its two included files, the address and the list of web
    processes, are written anew.
    """

    def __init__(
        self,
        folder: Path,
        *,
        upstreams: Sequence[str],
        port: int = 0,
        host: str = "127.0.0.1",
        name: str = "nginx",
    ) -> None:
        self.folder = folder.absolute() / "nginx"
        self.host = host
        self.port = port or free_port()
        self.base_url = f"http://{host}:{self.port}"
        self.upstreams = list(upstreams)
        program = find_nginx() or "nginx"
        # Without this a root's nginx drops to a user who cannot reach our sockets and folders.
        user = " user root root;" if os.geteuid() == 0 else ""
        command = [
            program,
            "-p",
            f"{self.folder}/",
            "-c",
            f"{self.folder}/nginx.conf",
            "-g",
            f"daemon off;{user}",
        ]
        super().__init__(name, command, log=folder.absolute() / f"{name}.log")

    def spawn(self, stdout: int | None = None) -> None:
        """Write the configuration, start it and do not wait."""
        self.write()
        super().spawn(stdout)

    def write(self) -> None:
        """Write the configuration into the folder."""
        (self.folder / "nginx.d").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "deploy" / "nginx.conf", self.folder / "nginx.conf")
        # As shipped; see there for the reason.
        servers = "".join(f"    server {upstream} max_fails=0;\n" for upstream in self.upstreams)
        (self.folder / "nginx.d" / "upstream.conf").write_text(
            f"upstream web {{\n{servers}    keepalive 16;\n}}\n"
        )
        # As shipped, see there.
        (self.folder / "nginx.d" / "listen.conf").write_text(f"listen {self.host}:{self.port} sndbuf=256k;\n")

    def is_ready(self) -> bool:
        """Tell whether it accepts connections."""
        return can_connect((self.host, self.port))
