from django.urls import path

from orchestration.portal import act_views, data_views, views

app_name = "portal"
urlpatterns = [
    path("<int:topic_id>/live/", views.live, name="live"),
    path("<int:topic_id>/news/", data_views.news, name="news"),
    path("<int:topic_id>/newest/", data_views.newest, name="newest"),
    path("<int:topic_id>/reviews/", data_views.reviews, name="reviews"),
    path(
        "<int:topic_id>/entries/", data_views.further, {"place": "admin:topics_attribute_changelist"}, name="entries"
    ),
    path("<int:topic_id>/export/", data_views.further, {"place": "exports:new"}, name="export"),
    path("<int:topic_id>/series/", data_views.chart_series, name="series"),
    path("<int:topic_id>/decisions/", data_views.decisions, name="decisions"),
    path("<int:topic_id>/parts/", data_views.parts, name="parts"),
    path("<int:topic_id>/parts/add/", act_views.add_part, name="add_part"),
    path("<int:topic_id>/parts/<int:part_id>/", act_views.change_part, name="change_part"),
    path("<int:topic_id>/weights/", act_views.weights, name="weights"),
    path("<int:topic_id>/producers/<int:slot>/prompt/", data_views.prompt, name="prompt"),
    path("<int:topic_id>/producers/<int:slot>/restart/", act_views.restart, name="restart"),
    path("<int:topic_id>/<slug:command>/", views.command, name="command"),
]
