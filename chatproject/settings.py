"""Every setting, read from the environment; units stand in the names (_S seconds, _MS milliseconds, _BYTES).

All are optional. A bad value stops the start with one line (chatproject/env.py). A secret may also come from
a file: NAME_FILE=/run/secrets/name. The operator's list with defaults is docs/operations.md.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kombu import Queue

from chatproject import accounts, logs, parts, schedule
from chatproject.env import (
    BadSetting,
    env_bool,
    env_choice,
    env_float,
    env_int,
    env_list,
    env_origins,
    env_secret,
    env_str,
)

# --- Places
BASE_DIR = Path(__file__).resolve().parent.parent
# Everything an embedded installation writes: database, uploads, mail, the secret key.
VAR_DIR = Path(env_str("VAR_DIR", str(BASE_DIR / "var"))).absolute()

# --- Server
DEBUG = env_bool("DEBUG", False)
HOST = env_str("HOST", "127.0.0.1")
PORT = env_int("PORT", 8000, least=1, most=65535)
# Web origins that may open a socket or post a form, exactly as browsers send them.
ALLOWED_ORIGINS = env_origins(
    "ALLOWED_ORIGINS", [f"http://{name}:{PORT}" for name in ("localhost", "127.0.0.1", "[::1]")]
)
_ORIGIN_HOSTS = [urlsplit(origin).hostname or "" for origin in ALLOWED_ORIGINS]
ALLOWED_HOSTS = env_list(
    "ALLOWED_HOSTS", sorted({"localhost", "127.0.0.1", "[::1]", *_ORIGIN_HOSTS} - {"::1"})
)
CSRF_TRUSTED_ORIGINS = ALLOWED_ORIGINS
# On: X-Forwarded-For and X-Forwarded-Proto are believed. Only behind a proxy that overwrites them.
TRUST_PROXY = env_bool("TRUST_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
# How long a stopping process gives its connections to move to another one.
DRAIN_S = env_float("DRAIN_S", 30.0, least=0, most=600)
ROOT_URLCONF = "chatproject.urls"
ASGI_APPLICATION = "chatproject.asgi.application"

# --- Database
DATABASE_URL = env_secret("DATABASE_URL")
# DATABASE_PASSWORD goes before a password in the URL.
# Threads (and PostgreSQL connections) of one process for database work.
DB_THREADS = env_int("DB_THREADS", 8, least=1, most=64)
# A statement that runs longer is given up; 0 is without end, for a long migration. PostgreSQL only.
DB_STATEMENT_TIMEOUT_MS = env_int("DB_STATEMENT_TIMEOUT_MS", 5_000)
# On: start also with synchronous_commit=off, where a crash of the database loses acknowledged messages.
ALLOW_LOST_COMMITS = env_bool("ALLOW_LOST_COMMITS", False)
DATABASES = {
    "default": parts.database(
        DATABASE_URL or f"sqlite:///{VAR_DIR / 'maru.sqlite3'}",
        password=env_secret("DATABASE_PASSWORD"),
        threads_count=DB_THREADS,
        statement_timeout_ms=DB_STATEMENT_TIMEOUT_MS,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Secrets
SECRET_KEY = env_secret("SECRET_KEY")
if not SECRET_KEY:
    if DATABASE_URL and not DEBUG:
        raise BadSetting("SECRET_KEY", "is required when DATABASE_URL is set (or SECRET_KEY_FILE)")
    SECRET_KEY = parts.secret_key(VAR_DIR / "secret_key")
# Still accepted while a new key takes over.
SECRET_KEY_FALLBACKS = [key for key in [env_secret("SECRET_KEY_OLD")] if key]

# --- Redis: hints between processes, and the work of the workers
REDIS_URL = env_secret("REDIS_URL")
if REDIS_URL:
    parts.redis_address("REDIS_URL", REDIS_URL)
# What travels through a Redis that others can reach is encrypted with the first; both are accepted.
REDIS_KEYS = [key for key in (env_secret("REDIS_KEY"), env_secret("REDIS_KEY_OLD")) if key]
CHANNEL_LAYERS = {"default": parts.channel_layer(REDIS_URL, REDIS_KEYS)}
# In memory: a cache that cannot be down. What is counted in it (sign-in attempts) is counted per process.
# Many entries, so that a guesser cannot push the counters of others out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# --- Celery
# Its own Redis in production (it must be persistent); else two more databases of the one above.
CELERY_REDIS_URL = env_secret("CELERY_REDIS_URL", REDIS_URL)
if CELERY_REDIS_URL:
    parts.redis_address("CELERY_REDIS_URL", CELERY_REDIS_URL)
# Without Redis there are no workers; follow-up work stays in the outbox until there are.
HAS_WORKERS = bool(CELERY_REDIS_URL)
CELERY_BROKER_URL = parts.celery_redis(CELERY_REDIS_URL, database_offset=1) if HAS_WORKERS else "memory://"
CELERY_RESULT_BACKEND = (
    parts.celery_redis(CELERY_REDIS_URL, database_offset=2) if HAS_WORKERS else "disabled://"
)
# Whom the sentinels watch, where CELERY_REDIS_URL names sentinels. What is told of long work is not worth a wait.
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = parts.celery_sentinel(CELERY_REDIS_URL) | {
    "retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "timeout": 2}
}
CELERY_RESULT_EXPIRES = 3_600
# Also of the signs and figures of the workers, which go the same way: nobody waits long for them.
CELERY_REDIS_SOCKET_TIMEOUT = 2.0
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 1.0
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
# A task is done when it is finished, not when it is fetched; so every task may run twice.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = env_int("TASK_SOFT_LIMIT_S", 240, least=1)
CELERY_TASK_TIME_LIMIT = env_int("TASK_LIMIT_S", 300, least=1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    # A task not confirmed for so long goes to another worker; longer than any task may run.
    "visibility_timeout": 2 * CELERY_TASK_TIME_LIMIT,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "health_check_interval": 5,
    # Publishing runs beside the writing of messages: give up soon, the sweep comes again.
    "retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "timeout": 2},
} | CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# What a task prints goes out as it is; through a logger it would come back to the same stderr in a circle.
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# One that a clock that is set back does not stop.
CELERY_BEAT_SCHEDULER = "chatproject.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
# A worker without -Q does all of them; what takes long has workers of its own.
CELERY_TASK_QUEUES = [Queue(name) for name in schedule.QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "fast"
CELERY_BEAT_SCHEDULE = schedule.SCHEDULE

# --- Previews of links
# On: the workers of the queue `io` ask foreign servers for what stands behind links. Without workers there are none.
LINK_PREVIEWS = env_bool("LINK_PREVIEWS", True) and HAS_WORKERS

# --- Calls
# In rooms of so many everybody may call all of them with @here and @room, where the room has no rule of its own.
CALLS_EVERYBODY_MAX_MEMBERS = env_int("CALLS_EVERYBODY_MAX_MEMBERS", 50, least=0, most=100_000)

# --- Exports
# Where what people take away lies for a while; web processes and the workers of the queue `cpu` share it.
EXPORT_ROOT = Path(env_str("EXPORT_ROOT", str(VAR_DIR / "exports"))).absolute()
# One file is so large at most, and so much of the disk is left to others.
EXPORT_MAX_BYTES = env_int("EXPORT_MAX_BYTES", 10 * 1024**3, least=1_024, most=2**40)
EXPORT_FREE_BYTES = env_int("EXPORT_FREE_BYTES", 512 * 1024**2, most=2**40)

# --- Applications
INSTALLED_APPS = [
    # First, so that its templates win over those of the apps whose pages they replace.
    "chat",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_vite",
    "ninja",
]
MIDDLEWARE = [
    # First: past all the others.
    "chatproject.rest_lane.RestLane",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chatproject.headers.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chat.pages.assets.context",
            ]
        },
    }
]

# --- Accounts
# Who may make an account: anybody, who holds an invite, nobody.
SIGNUP = env_choice("SIGNUP", "invite", ["open", "invite", "closed"])
AUTH_USER_MODEL = "chat.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {"user_attributes": ["handle", "name", "email"]},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
        "MinimumLengthValidator": {"min_length": 10},
    }.items()
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "chat.pages.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = env_choice("EMAIL_VERIFICATION", "none", ["none", "optional", "mandatory"])
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_FORMS = accounts.ACCOUNT_FORMS
# One address a person; another takes its place when it has been confirmed.
ACCOUNT_CHANGE_EMAIL = True
# No mail to addresses that have no account: the form would send mail to anybody.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Failures of one account wait ever longer, and nobody is locked out for good. An office shares one address.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/m/key,20/h/key",
    "signup": "20/m/ip",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(ALLOWED_ORIGINS[0]).scheme
ACCOUNT_PRESERVE_USERNAME_CASING = False

# Who must have a second factor (an app, a passkey) to come in by the page: nobody, admins, everybody.
SECOND_FACTOR = env_choice("SECOND_FACTOR", "optional", ["optional", "admins", "everybody"])
MFA_ADAPTER = "chat.pages.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Nobody needs an address here, so it cannot be a condition.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# A clock that is half a minute off still fits.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = accounts.MFA_FORMS

# Sign-in by an OpenID Connect provider, by the address under which it describes itself; empty: none.
OIDC_ISSUER = parts.oidc_issuer(env_str("OIDC_ISSUER"))
OIDC_CLIENT_ID = env_str("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env_secret("OIDC_CLIENT_SECRET")
if OIDC_ISSUER and not OIDC_CLIENT_ID:
    raise BadSetting("OIDC_CLIENT_ID", "is required when OIDC_ISSUER is set")
# What its button says.
OIDC_NAME = env_str("OIDC_NAME", urlsplit(OIDC_ISSUER).hostname or "")
# On: whom the provider lets in gets an account, whatever SIGNUP says of strangers.
OIDC_SIGNUP = env_bool("OIDC_SIGNUP", False)
SOCIALACCOUNT_ADAPTER = "chat.pages.oidc.SocialAccountAdapter"
# A form that leads elsewhere is against our own policy of content, and `state` keeps foreign pages out.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS = accounts.providers(
    issuer=OIDC_ISSUER, name=OIDC_NAME, client_id=OIDC_CLIENT_ID, secret=OIDC_CLIENT_SECRET
)

# --- Cookies and headers
# Reached only over https: then cookies never travel without it, and browsers are told so.
_ONLY_HTTPS = all(origin.startswith("https://") for origin in ALLOWED_ORIGINS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _ONLY_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env_int("SESSION_S", 30 * 86_400, least=60)
SECURE_HSTS_SECONDS = env_int("HSTS_S", 31_536_000) if _ONLY_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "chat.pages.errors.csrf_failure"

# --- Languages and time
LANGUAGE_CODE = env_choice("LANGUAGE_CODE", "en", ["en", "ko"])
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [BASE_DIR / "chat" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# The clock of people who have not chosen one, in mails and for quiet hours.
DEFAULT_TIME_ZONE = parts.time_zone("DEFAULT_TIME_ZONE", env_str("DEFAULT_TIME_ZONE", "UTC"))

# --- Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env_str("STATIC_ROOT", str(VAR_DIR / "static"))).absolute()
VITE_DIST = BASE_DIR / "static" / "dist"
STATICFILES_DIRS = [VITE_DIST] if VITE_DIST.is_dir() else []
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": VITE_DIST / ".vite" / "manifest.json"}}
# Vite has put a hash of the content into each name, or the folder carries the version of its package: such a file never
# changes.
WHITENOISE_IMMUTABLE_FILE_TEST = (
    r"^/static/assets/(.+[.-][0-9A-Za-z_-]{8,}\.\w+(\.map)?|pdf-\d+\.\d+\.\d+/.+)$"
)
MEDIA_URL = env_str("MEDIA_URL", "/media/")
MEDIA_ROOT = Path(env_str("MEDIA_ROOT", str(VAR_DIR / "media"))).absolute()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

# One file; the proxy in front has a limit of its own (client_max_body_size).
UPLOAD_MAX_BYTES = env_int("UPLOAD_MAX_BYTES", 25 * 1024**2, least=1_024, most=1024**3)
# All files of one account, and of all together.
FILES_PER_USER_BYTES = env_int("FILES_PER_USER_BYTES", 2 * 1024**3, most=10**15)
FILES_TOTAL_BYTES = env_int("FILES_TOTAL_BYTES", 50 * 1024**3, most=10**15)

# --- Mail
globals().update(parts.email(env_secret("EMAIL_URL", "file:"), VAR_DIR))
DEFAULT_FROM_EMAIL = env_str("EMAIL_FROM", "maru@localhost")
# A mention or a direct message that is unread for so long is told by mail, and to one person at most every so often.
MISSED_MAIL_AFTER_S = env_int("MISSED_MAIL_AFTER_S", 300, most=86_400)
MISSED_MAIL_EVERY_S = env_int("MISSED_MAIL_EVERY_S", 900, most=86_400)

# --- Web push
VAPID_PRIVATE_KEY = env_secret("VAPID_PRIVATE_KEY")
if VAPID_PRIVATE_KEY:
    VAPID_PRIVATE_KEY = parts.checked_vapid_key(VAPID_PRIVATE_KEY)
elif not DATABASE_URL:
    VAPID_PRIVATE_KEY = parts.vapid_key(VAR_DIR / "vapid_key")
# Whom a push service may write to about us.
VAPID_SUBJECT = parts.vapid_subject(env_str("VAPID_SUBJECT"), ALLOWED_ORIGINS, DEFAULT_FROM_EMAIL)
# A mention or a direct message that is unread for so long is told by push.
PUSH_AFTER_S = env_int("PUSH_AFTER_S", 30, most=86_400)
# On: the workers of the queue `io` hand messages to the push services of browsers. Without workers there is none.
WEB_PUSH = bool(VAPID_PRIVATE_KEY) and HAS_WORKERS

# --- Limits of the live path
# Writes wait at most so long, or for so many, to share one commit.
GROUP_COMMIT_MS = env_float("GROUP_COMMIT_MS", 5.0, most=1_000)
GROUP_COMMIT_MAX_COUNT = env_int("GROUP_COMMIT_MAX_COUNT", 128, least=1, most=10_000)
# Room groups on the channel layer; the same in every process of an installation.
HUB_SHARD_COUNT = env_int("HUB_SHARD_COUNT", 64, least=1, most=4_096)
# Frames of one connection, and messages of one account: steady rate a second, and how many at once.
FRAMES_PER_S = env_float("FRAMES_PER_S", 10.0, least=0.1)
FRAMES_BURST = env_int("FRAMES_BURST", 40, least=1)
SENDS_PER_S = env_float("SENDS_PER_S", 5.0, least=0.1)
SENDS_BURST = env_int("SENDS_BURST", 20, least=1)
SEARCHES_PER_S = env_float("SEARCHES_PER_S", 2.0, least=0.1)
SEARCHES_BURST = env_int("SEARCHES_BURST", 30, least=1)
CONNECTIONS_PER_USER = env_int("CONNECTIONS_PER_USER", 20, least=1)
CONNECTIONS_PER_SESSION = env_int("CONNECTIONS_PER_SESSION", 10, least=1)
# Visitors without sign-in in rooms that take them: new accounts of one network an hour, and accounts in all.
GUESTS_PER_NETWORK_PER_H = env_int("GUESTS_PER_NETWORK_PER_H", 20, least=1, most=10_000)
GUESTS_MAX_COUNT = env_int("GUESTS_MAX_COUNT", 1_000, least=1, most=1_000_000)
CONNECTIONS_PER_IP = env_int("CONNECTIONS_PER_IP", 50, least=1)
# New sockets of one process, and of one address to it. Who comes faster waits up to two seconds, then is sent away.
HANDSHAKES_PER_S = env_float("HANDSHAKES_PER_S", 200.0, least=0.1)
HANDSHAKES_BURST = env_int("HANDSHAKES_BURST", 400, least=1)
# An office has one address; a proxy in front may count more strictly.
HANDSHAKES_PER_S_PER_IP = env_float("HANDSHAKES_PER_S_PER_IP", 20.0, least=0.1)
HANDSHAKES_BURST_PER_IP = env_int("HANDSHAKES_BURST_PER_IP", 100, least=1)
# How often all open sockets' sign-ins are looked at again, beside the push that ends them at once.
RECHECK_S = env_float("RECHECK_S", 60.0, least=0.05, most=3_600)
# A socket that has not resumed within this is closed, and one that has been open for so long (give or take a tenth).
RESUME_WITHIN_S = env_float("RESUME_WITHIN_S", 60.0, least=0.05, most=3_600)
MAX_AGE_S = env_float("MAX_AGE_S", 64_800.0, least=1, most=86_400)
HEARTBEAT_S = env_float("HEARTBEAT_S", 25.0, least=1, most=300)
# What one connection may have waiting, and for how long, before it counts as too slow.
SEND_QUEUE_BYTES = env_int("SEND_QUEUE_BYTES", 262_144, least=65_536)
SLOW_READER_S = env_float("SLOW_READER_S", 10.0, least=0.1, most=600)
# A room with more changes than this since the client's cursor is read anew instead of replayed.
RESUME_MAX_CHANGES = env_int("RESUME_MAX_CHANGES", 1_000, least=1, most=100_000)

# --- Logs
LOG_LEVEL = env_choice("LOG_LEVEL", "info", ["debug", "info", "warning", "error"]).upper()
LOG_FORMAT = env_choice("LOG_FORMAT", "text", ["text", "json"])
LOGGING = logs.configure(level=LOG_LEVEL, as_json=LOG_FORMAT == "json")

# --- Tests of faults: where this process ends, waits or fails on purpose (chat/failpoints.py). Never in production.
FAILPOINTS = parts.failpoints(env_str("FAILPOINTS"))
