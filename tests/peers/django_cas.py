"""django-cas-server as a program: given a folder and a person in JSON, it prints its address, then serves.

It stands for the servers of ENTs in tests: its protocol is not ours, and it alone here has samlValidate.
"""

import json
import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        pass


def serve(folder: Path, person: dict[str, Any]) -> None:
    settings.configure(
        SECRET_KEY="a key of tests",  # noqa: S106
        ALLOWED_HOSTS=["127.0.0.1"],
        USE_TZ=True,
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "cas.sqlite"}},
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "cas_server",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        CAS_AUTH_CLASS="cas_server.auth.TestAuthUser",
        CAS_TEST_USER=person["user"],
        CAS_TEST_PASSWORD=person["password"],
        CAS_TEST_ATTRIBUTES=person["attributes"],
        CAS_NEW_VERSION_HTML_WARNING=False,  # it would ask the network
        CAS_NEW_VERSION_EMAIL_WARNING=False,
    )
    django.setup()
    settings.ROOT_URLCONF = (path("cas/", include("cas_server.urls", namespace="cas_server")),)  # its views read the settings
    call_command("migrate", verbosity=0)
    _register_every_service()
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as server:
        print(f"http://127.0.0.1:{server.server_port}/cas", flush=True)  # noqa: T201
        server.serve_forever()


def _register_every_service() -> None:
    models = django.apps.apps.get_app_config("cas_server").models_module
    pattern = models.ServicePattern.objects.create(name="tests", pattern=r"^http://127\.0\.0\.1:", single_log_out=True)
    models.ReplaceAttributName.objects.create(name="*", service_pattern=pattern)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), json.loads(sys.argv[2]))
