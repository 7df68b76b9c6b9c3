from __future__ import annotations

import psutil


def is_gone(process: psutil.Process) -> bool:
    """Tell whether a process has ended; it may do so between two questions."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
