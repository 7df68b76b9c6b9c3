"""Empty the tables after a test. Django's own way takes longer than most tests: it rewrites every table and index of
PostgreSQL, and makes all content types and permissions anew.
"""

from __future__ import annotations

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase

# What the migrations make, and no test changes.
_KEPT = ("django_content_type", "auth_permission")


def empty_tables(_case: TransactionTestCase) -> None:
    """Delete all rows, in no order: nothing is left that could refer to what is gone."""
    if connection.vendor == "postgresql":
        # One trip. As a replica does, without a look at foreign keys.
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET session_replication_role = replica; {_deletions()}; RESET session_replication_role"
            )
        return
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        for deletion in _deletions().split("; "):
            cursor.execute(deletion)


@cache
def _deletions() -> str:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return "; ".join(f'DELETE FROM "{name}"' for name in names if name not in _KEPT)
