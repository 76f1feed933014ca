from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_migrate


class TeamConfig(AppConfig):
    """Listed after `auth` and `axes`: its receivers follow theirs."""

    name = "igentai_site.team"
    label = "team"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from igentai_site.team import recording
        from igentai_site.team.granting import grant_rights

        post_migrate.connect(grant_rights, dispatch_uid="team.grant_rights")
        user_logged_in.connect(recording.on_signed_in, dispatch_uid="team.on_signed_in")
        user_logged_out.connect(recording.on_signed_out, dispatch_uid="team.on_signed_out")
        user_login_failed.connect(recording.on_failed, dispatch_uid="team.on_failed")
