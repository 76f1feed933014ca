from django.urls import path

from orchestration.jobs import views

app_name = "notifications"
urlpatterns = [
    path("", views.listed, name="list"),
    path("read/", views.mark_read, name="read"),
    path("mail/", views.mail, name="mail"),
    path("<int:notification_id>/", views.opened, name="open"),
    path("topics/<int:topic_id>/", views.tell, name="tell"),
]
