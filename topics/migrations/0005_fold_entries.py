from django.db import migrations

from topics.folding import folded_beside

AT_ONCE = 5_000


def fold_entries(apps, schema_editor):
    """For the search: entries that were found before it."""
    attributes = apps.get_model("topics", "Attribute").objects
    last = 0
    while rows := list(attributes.filter(id__gt=last).order_by("id").only("id", "text")[:AT_ONCE]):
        last = rows[-1].id
        changed = [row for row in rows if not row.text.isascii()]
        for row in changed:
            row.folded = folded_beside(row.text, 200)
        attributes.bulk_update(changed, ["folded"])


class Migration(migrations.Migration):

    dependencies = [("topics", "0004_portal")]

    operations = [migrations.RunPython(fold_entries, migrations.RunPython.noop, elidable=True)]
