from django.urls import path, re_path

from orchestration.portal.consumers import LiveConsumer, NoSuchPage

websocket_urlpatterns = [
    path("ws/topics/<int:topic_id>/", LiveConsumer.as_asgi()),
    # Without it, Channels answers an unknown address with an error and a traceback.
    re_path("", NoSuchPage.as_asgi()),
]
