"""Whether the tables are those that this version was written for."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


def missing_migrations() -> list[str]:
    """Return the migrations that came with this version and have not been run, as `app.name`.

    What a newer version has run beside them is no reason to wait: both run together while one takes over.
    """
    done = set(MigrationRecorder(connection).applied_migrations())
    return [f"{app}.{name}" for app, name in _on_disk() if (app, name) not in done]


def _on_disk() -> list[tuple[str, str]]:
    found = []
    for config in apps.get_app_configs():
        try:
            package = import_module(f"{config.name}.migrations")
        except ModuleNotFoundError:
            continue
        found += [(config.label, module.name) for module in pkgutil.iter_modules(package.__path__)]
    return sorted(found)
