"""The admin site that the team signs in to."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest


class TeamAdminSite(AdminSite):
    site_header = "igentai"
    site_title = "igentai"
    index_title = "Topics and runs"
    enable_nav_sidebar = False
    site_url = None  # the admin is the site

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        # Here, as it imports models, which are not there yet when the site is.
        from igentai_site.team.passwords import OwnPasswordView

        return OwnPasswordView.as_view(extra_context={**self.each_context(request), **(extra_context or {})})(request)
