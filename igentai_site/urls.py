from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

handler403 = "igentai_site.team.views.forbidden"

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/"), name="home"),
    path("admin/", admin.site.urls),
    path("topics/", include("orchestration.portal.urls")),
    path("exports/", include("topics.exports.urls")),
    path("notifications/", include("orchestration.jobs.urls")),
    path("", include("igentai_site.api.urls")),
]
