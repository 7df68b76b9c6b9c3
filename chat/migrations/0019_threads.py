import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Who has written in a thread, or its first message, follows it, and has read it up to now.
_FOLLOW = """
INSERT INTO chat_threadfollow (message_id, user_id, is_on, read_seq)
SELECT said.message_id, said.user_id, TRUE, chat_room.last_seq
FROM (
    SELECT parent_id AS message_id, sender_id AS user_id, room_id FROM chat_message WHERE parent_id IS NOT NULL
    UNION
    SELECT first.id, first.sender_id, first.room_id FROM chat_message AS first
    WHERE first.parent_id IS NULL AND EXISTS (SELECT 1 FROM chat_message AS reply WHERE reply.parent_id = first.id)
) AS said
JOIN chat_room ON chat_room.id = said.room_id
JOIN chat_user ON chat_user.id = said.user_id AND NOT chat_user.is_bot AND chat_user.is_active
"""


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0018_invite_uses"),
    ]

    operations = [
        migrations.CreateModel(
            name="ThreadFollow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_on", models.BooleanField(default=True)),
                ("read_seq", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.AlterField(
            model_name="message",
            name="parent",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="replies",
                to="chat.message",
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="rule",
            field=models.CharField(
                choices=[("mention", "Mention"), ("direct", "Direct"), ("thread", "Thread")], max_length=8
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)),
                fields=["parent", "seq"],
                name="message_of_thread",
            ),
        ),
        migrations.AddField(
            model_name="threadfollow",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="follows",
                to="chat.message",
            ),
        ),
        migrations.AddField(
            model_name="threadfollow",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="threadfollow",
            index=models.Index(fields=["user", "-id"], name="thread_follow_of_user"),
        ),
        migrations.AddConstraint(
            model_name="threadfollow",
            constraint=models.UniqueConstraint(fields=("message", "user"), name="thread_follow_once"),
        ),
        migrations.RunSQL(_FOLLOW, migrations.RunSQL.noop),
    ]
