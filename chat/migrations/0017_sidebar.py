import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0016_marks_on_messages")]

    operations = [
        migrations.CreateModel(
            name="Sidebar",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("version", models.IntegerField(default=0)),
                ("body", models.JSONField(default=dict)),
            ],
        ),
    ]
