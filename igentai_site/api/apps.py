from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "igentai_site.api"
    label = "api"
    verbose_name = "API"
