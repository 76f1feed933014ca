"""The team's admin takes the place of Django's default site."""

from django.contrib.admin.apps import AdminConfig


class TeamAdminConfig(AdminConfig):
    default_site = "igentai_site.admin.TeamAdminSite"
