"""Make the row about the installation and the lobby, the room of the simple protocol's short address."""

from django.db import migrations


def make(apps, schema_editor):
    apps.get_model("chat", "Workspace").objects.create(pk=1)
    apps.get_model("chat", "Room").objects.create(slug="lobby", name="Lobby", kind="open")


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
