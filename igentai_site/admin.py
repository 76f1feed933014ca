"""The admin site that the team signs in to."""

from django.contrib.admin import AdminSite


class TeamAdminSite(AdminSite):
    site_header = "igentai"
    site_title = "igentai"
    index_title = "Topics and runs"
    enable_nav_sidebar = False
    site_url = None  # the admin is the site
