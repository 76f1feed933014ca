"""The admin site that the team signs in to."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse

from igentai_site.palette import palette_view
from igentai_site.places import sections
from igentai_site.team.turns import sign_ins
from orchestration.home.views import dismiss_view, home_context, parts_view, remembering, sample_view


class TeamAdminSite(AdminSite):
    site_header = "igentai"
    site_title = "igentai"
    index_title = "Home"
    enable_nav_sidebar = False
    site_url = None  # the admin is the site

    @property
    def login_form(self) -> Any:  # type: ignore[override]
        # Here, as below: it imports models, which are not there yet when the site is.
        from igentai_site.team.forms import SignInForm

        return SignInForm

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from igentai_site.team.lockout import client_address

        if request.method != "POST":
            return super().login(request, extra_context)
        with sign_ins.of(f"address {client_address(request)}", f"name {request.POST.get('username', '')}"):
            return super().login(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        from igentai_site.team.passwords import OwnPasswordView

        return OwnPasswordView.as_view(extra_context={**self.each_context(request), **(extra_context or {})})(request)

    def sign_out_elsewhere(self, request: HttpRequest) -> HttpResponse:
        from igentai_site.team.signing_out import elsewhere_view

        return elsewhere_view(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        home = [
            path("home/parts/", self.admin_view(parts_view), name="home_parts"),
            path("home/sample/", self.admin_view(sample_view), name="home_sample"),
            path("home/dismiss/", self.admin_view(dismiss_view), name="home_dismiss"),
            path("palette/", self.admin_view(palette_view), name="palette"),
            path("sign_out_elsewhere/", self.admin_view(self.sign_out_elsewhere), name="sign_out_elsewhere"),
        ]
        return [*home, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        context = {**home_context(request), "sections": sections(self.get_app_list(request)), **(extra_context or {})}
        return remembering(super().index(request, context))

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What an app is matters to nobody: the home page has all there is."""
        return HttpResponseRedirect(reverse("admin:index"))
