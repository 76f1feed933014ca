from django.urls import path
from django.views.generic import RedirectView

from igentai_site.api import views
from igentai_site.api.site import api

urlpatterns = [
    path("metrics", views.metrics, name="metrics"),
    path("api/v1/", RedirectView.as_view(pattern_name="api-reference")),
    path("api/v1/docs/", views.reference, name="api-reference"),
    path("api/v1/", api.urls),
]
