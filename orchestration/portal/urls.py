from django.urls import path

from orchestration.portal import views

app_name = "portal"
urlpatterns = [
    path("<int:topic_id>/live/", views.live, name="live"),
    path("<int:topic_id>/<slug:command>/", views.command, name="command"),
]
