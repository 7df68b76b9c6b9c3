from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0013_search")]

    operations = [
        migrations.AddField(
            model_name="room",
            name="posting",
            field=models.CharField(
                choices=[("everyone", "Everyone"), ("threads", "Threads"), ("moderators", "Moderators")],
                db_default="everyone",
                default="everyone",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="room", name="slow_s", field=models.IntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            model_name="room", name="seen", field=models.BooleanField(db_default=True, default=True)
        ),
        migrations.AddField(model_name="membership", name="slow_at", field=models.DateTimeField(null=True)),
    ]
