import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import chat.models.exports


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0010_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(choices=[("own", "Own"), ("workspace", "Workspace")], max_length=10),
                ),
                ("has_directs", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "name",
                    models.CharField(default=chat.models.exports._new_name, max_length=32, unique=True),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("running", "Running"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("gone", "Gone"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "failure",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nothing"),
                            ("disk_full", "Disk Full"),
                            ("too_large", "Too Large"),
                            ("worker_lost", "Worker Lost"),
                            ("forbidden", "Forbidden"),
                            ("fault", "Fault"),
                        ],
                        max_length=12,
                    ),
                ),
                ("step", models.CharField(blank=True, max_length=16)),
                ("percent", models.SmallIntegerField(default=0)),
                ("rows_count", models.BigIntegerField(default=0)),
                ("size_bytes", models.BigIntegerField(default=0)),
                ("place", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("served_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("claim", models.CharField(blank=True, max_length=32)),
                ("tries", models.IntegerField(default=0)),
                ("ended_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("downloads_count", models.IntegerField(default=0)),
                ("downloaded_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["user", "-id"], name="export_of_user"),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["served_at"],
                        name="export_next",
                    ),
                    models.Index(
                        condition=models.Q(("state", "ready")), fields=["expires_at"], name="export_expiry"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=("user",),
                        name="export_open",
                    )
                ],
            },
        ),
    ]
