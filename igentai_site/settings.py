"""Settings, from the environment alone.

Two situations, told apart by DJANGO_ALLOWED_HOSTS: unset, the portal serves this machine only, over plain HTTP;
set, it is a deployment behind a proxy that speaks HTTPS, and everything Django can demand of one is demanded.
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from igentai_site.databases import database_settings
from igentai_site.env import read_amount, read_bool, read_list, read_seconds
from igentai_site.jobs import cluster_settings
from igentai_site.mail import mail_settings
from igentai_site.secret_key import stored_secret_key
from igentai_site.team.limits import COOL_OFF, PAIR_LIMIT
from igentai_site.team.sessions import IDLE_SECONDS

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(mode=0o700, exist_ok=True)  # it holds the secret key and, on SQLite, everybody's password hashes

DEBUG = read_bool(os.environ, "DJANGO_DEBUG", default=False)
ALLOWED_HOSTS = read_list(os.environ, "DJANGO_ALLOWED_HOSTS")
DEPLOYED = bool(ALLOWED_HOSTS)
if not DEPLOYED:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "")
if DEPLOYED and not SECRET_KEY:
    raise ImproperlyConfigured(
        "DJANGO_ALLOWED_HOSTS is set, so DJANGO_SECRET_KEY must be set, too: to a long random text, for good"
    )
SECRET_KEY = SECRET_KEY or stored_secret_key(VAR_DIR / "secret_key")

INSTALLED_APPS = [
    "igentai_site.apps.TeamAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "igentai_site.team.apps.TeamConfig",
    "channels",
    "csp",
    "django_q",
    "chartkick.django",  # for Chart.js among its static files
    "topics",
    "producers",
    "orchestration",
    "igentai_site.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "igentai_site.compressed.CompressedStaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "igentai_site.api.middleware.ApiAnswers",
    "igentai_site.nul_addresses.NulAddresses",
    "igentai_site.team.middleware.TeamMiddleware",
    "axes.middleware.AxesMiddleware",  # the last: it takes the place of the answer of the sign-in page itself
]

ROOT_URLCONF = "igentai_site.urls"
ASGI_APPLICATION = "igentai_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "igentai_site.places.context",
            ],
        },
    },
]

DATABASES = {"default": database_settings(os.environ.get("DATABASE_URL"), VAR_DIR / "igentai.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In memory on purpose: the poller of each web process reads the database, so no message crosses processes.
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "igentai_site.team.backend.MemberBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# Lock-out: igentai_site/team/limits.py has the limits and their reasons. What fails while somebody is locked out does
# not make it longer, or a stranger could keep a member out by trying on. Its own log and pages are off: the audit log
# is the one place to look.
AXES_HANDLER = "igentai_site.team.lockout.Handler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = PAIR_LIMIT
AXES_COOLOFF_TIME = COOL_OFF
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "igentai_site.team.lockout.client_address"
AXES_LOCKOUT_CALLABLE = "igentai_site.team.lockout.locked_page"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
# axes keeps what was posted beside a failure. The page on which one changes one's password asks it, too.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "old_password", "new_password1", "new_password2"]

SESSION_COOKIE_AGE = IDLE_SECONDS

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
FORMAT_MODULE_PATH = "igentai_site.formats"  # those of the language go before settings of the same name

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns at every start where there is none
STATICFILES_DIRS = [BASE_DIR / "igentai_site" / "static"]
WHITENOISE_USE_FINDERS = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True

if DEPLOYED:
    # The proxy must set this header itself and drop a client's: docs/deployment.md shows how.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "igentai_site.logs.StderrHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "orchestration": {"level": "INFO"},
        "psycopg": {"level": "ERROR"},  # a connection that breaks is reported by whoever used it
        "axes": {"level": "ERROR"},  # failed sign-ins are in the audit log
        "django.channels.server": {"level": "WARNING"},
    },
}

# What users may set for the engine lives on its command line; these are its fixed places.
IGENTAI_OUTPUTS = BASE_DIR / "outputs"

# Large exports: where their files lie, for how many days, and from how many entries on an export is a large one.
IGENTAI_EXPORTS = Path(os.environ.get("IGENTAI_EXPORTS") or VAR_DIR / "exports")
IGENTAI_EXPORT_DAYS = 7
IGENTAI_EXPORT_AT_ONCE = 10_000

# The most that all runs together may spend from midnight to midnight UTC; None: no cap.
DAILY_CAP_USD = read_amount(os.environ, "IGENTAI_DAILY_CAP_USD")

# Background jobs: igentai_site/jobs.py says what each choice is good for. A cluster that is silent for so long is
# taken for stuck, and started anew.
JOBS_SILENCE_SECONDS = read_seconds(os.environ, "IGENTAI_JOBS_SILENCE", default=120.0)
Q_CLUSTER = cluster_settings()

# Mail; without EMAIL_URL nothing is mailed, and the portal alone tells.
MAIL = mail_settings(os.environ)
EMAIL_BACKEND, EMAIL_HOST, EMAIL_PORT = MAIL.backend, MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.starttls, MAIL.tls
EMAIL_FILE_PATH = MAIL.folder
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = MAIL.sender
PORTAL_URL = MAIL.portal_url
