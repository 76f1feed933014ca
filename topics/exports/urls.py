from django.urls import path

from topics.exports import views

app_name = "exports"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("new", views.new, name="new"),
    path("<int:export_id>/file", views.file, name="file"),
    path("<int:export_id>/card.<str:kind>", views.card, name="card"),
    path("<int:export_id>/<str:wish>", views.change, name="change"),
]
