import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0020_drafts"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="has_poll",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="Poll",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="poll",
                        serialize=False,
                        to="chat.message",
                    ),
                ),
                ("options", models.JSONField(default=list)),
                ("is_multiple", models.BooleanField(default=False)),
                ("is_anonymous", models.BooleanField(default=False)),
                ("closes_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at__isnull", True), ("closes_at__isnull", False)),
                        fields=["closes_at"],
                        name="poll_closing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("choices", models.BigIntegerField(default=0)),
                (
                    "poll",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="votes",
                        to="chat.poll",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("poll", "user"), name="vote_once")],
            },
        ),
    ]
