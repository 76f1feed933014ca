"""HTTP to Django, WebSockets to the live pages."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "igentai_site.settings")
http_application = get_asgi_application()

# Below, modules that import models: the line above has to come first.
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware

from orchestration.portal.origin import SameOriginOnly
from orchestration.portal.routing import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": http_application,
        # Cookies are enough: the consumer reads session, user and permission itself, and again while it is open.
        "websocket": SameOriginOnly(CookieMiddleware(URLRouter(websocket_urlpatterns))),
    }
)
