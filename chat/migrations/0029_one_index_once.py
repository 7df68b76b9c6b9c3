"""No column has an index of its own with which another one begins; the log names rooms and people without constraints."""

import time

import django.db.models.deletion
from django.conf import settings
from django.db import OperationalError, migrations, models, transaction

_LOCK_MS = 2_000
_PAUSE_S = 3
_TRIES_COUNT = 60


def lock(apps, schema_editor):
    """Wait for those who write, and have them wait, at the table with which they begin: nobody is in between.

    Behind a transaction that takes its time everybody would wait with this one, so it steps back and tries again.
    """
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(f"SET LOCAL lock_timeout = {_LOCK_MS}")
    for left in reversed(range(_TRIES_COUNT)):
        try:
            with transaction.atomic(using=schema_editor.connection.alias):
                schema_editor.execute("LOCK TABLE chat_room, chat_user IN ACCESS EXCLUSIVE MODE")
        except OperationalError:
            if not left:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0028_pieced_uploads"),
    ]

    operations = [
        migrations.RunPython(lock, lock),
        migrations.AlterField(
            model_name="change",
            name="actor",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="change",
            name="room",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="chat.room",
            ),
        ),
        migrations.AlterField(
            model_name="change",
            name="subject",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="inviteuse",
            name="invite",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="taken",
                to="chat.invite",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="room",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="chat.room",
            ),
        ),
        migrations.AlterField(
            model_name="mention",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="mentions",
                to="chat.message",
            ),
        ),
        migrations.AlterField(
            model_name="mention",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="room",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages",
                to="chat.room",
            ),
        ),
        migrations.AlterField(
            model_name="preview",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="previews",
                to="chat.message",
            ),
        ),
        migrations.AlterField(
            model_name="push",
            name="subscription",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="pushes",
                to="chat.pushsubscription",
            ),
        ),
        migrations.AlterField(
            model_name="reaction",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reactions",
                to="chat.message",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reports",
                to="chat.message",
            ),
        ),
    ]
