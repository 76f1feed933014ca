from django.db import migrations


class Migration(migrations.Migration):
    """The admin's own table, which the audit log reads newest first: Django has it indexed by user only."""

    dependencies = [
        ("team", "0001_members_and_audit"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX team_admin_log_by_time ON django_admin_log (action_time, id)",
            "DROP INDEX IF EXISTS team_admin_log_by_time",
        ),
    ]
