import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0011_exports"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="attachment_count",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.IntegerField(default=0)),
                ("key", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("type", models.CharField(max_length=100)),
                ("bytes", models.BigIntegerField()),
                ("alt", models.CharField(blank=True, max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("arriving", "Arriving"),
                            ("waiting", "Waiting"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("width", models.IntegerField(null=True)),
                ("height", models.IntegerField(null=True)),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("dropped_at", models.DateTimeField(null=True)),
                (
                    "message",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="chat.message",
                    ),
                ),
                (
                    "uploader",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["uploader", "bytes"], name="attachment_place_taken"),
                    models.Index(
                        condition=models.Q(("message__isnull", True)),
                        fields=["uploaded_at"],
                        name="attachment_unposted",
                    ),
                    models.Index(
                        condition=models.Q(("dropped_at__isnull", False)),
                        fields=["dropped_at"],
                        name="attachment_dropped",
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["message"],
                        name="attachment_waiting",
                    ),
                ],
            },
        ),
    ]
