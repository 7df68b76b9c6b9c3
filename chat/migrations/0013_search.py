import django.db.models.deletion
from django.db import migrations, models

import chat.models.search

# The newest words come in batches behind the messages: to lay them aside first would only slow down who asks.
_POSTGRES = (
    "CREATE INDEX search_entry_numbers ON chat_searchentry USING gin (numbers) WITH (fastupdate = off)",
)
# Of the table itself nothing is kept twice: what stood in a row when it goes is read from the row.
_SQLITE = (
    """CREATE VIRTUAL TABLE chat_search USING fts5(
        numbers, content='chat_searchentry', content_rowid='message_id',
        tokenize='ascii', detail='none', columnsize=0)""",
    """CREATE TRIGGER chat_search_in AFTER INSERT ON chat_searchentry BEGIN
        INSERT INTO chat_search(rowid, numbers) VALUES (new.message_id, new.numbers); END""",
    """CREATE TRIGGER chat_search_out AFTER DELETE ON chat_searchentry BEGIN
        INSERT INTO chat_search(chat_search, rowid, numbers)
        VALUES ('delete', old.message_id, old.numbers); END""",
    """CREATE TRIGGER chat_search_changed AFTER UPDATE ON chat_searchentry BEGIN
        INSERT INTO chat_search(chat_search, rowid, numbers)
        VALUES ('delete', old.message_id, old.numbers);
        INSERT INTO chat_search(rowid, numbers) VALUES (new.message_id, new.numbers); END""",
)
_SQLITE_BACK = (
    "DROP TRIGGER chat_search_changed",
    "DROP TRIGGER chat_search_out",
    "DROP TRIGGER chat_search_in",
    "DROP TABLE chat_search",
)


def make_index(apps, schema_editor):
    for statement in _POSTGRES if schema_editor.connection.vendor == "postgresql" else _SQLITE:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    back = ("DROP INDEX search_entry_numbers",)
    for statement in back if schema_editor.connection.vendor == "postgresql" else _SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0012_attachments"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_entry",
                        serialize=False,
                        to="chat.message",
                    ),
                ),
                ("numbers", chat.models.search.NumbersField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchRoom",
            fields=[
                (
                    "room",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search",
                        serialize=False,
                        to="chat.room",
                    ),
                ),
                ("seq", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RunPython(make_index, drop_index, elidable=False),
    ]
