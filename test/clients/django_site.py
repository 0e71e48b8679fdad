"""A Django site, for one test: its modules bellhop.py and views.py are those of
docs/sessions.md. Reads lines from stdin, each the path of a request (POST), or
"login <name>" and "logout"; answers each by a line of JSON: the status, the body
and the cookies that were set.

The first argument is the session engine.
"""

import json
import os
import sys

import django
from django.conf import settings

ENGINE = sys.argv[1]
sys.path.insert(0, os.getcwd())

settings.configure(
    SECRET_KEY="the site's own",
    ROOT_URLCONF=__name__,
    SESSION_ENGINE=ENGINE,
    ALLOWED_HOSTS=["testserver"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ] + (["bellhop.SessionCookie"] if os.path.exists("bellhop.py") else []),
)
django.setup()

from django.contrib.auth import authenticate, login, logout  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402


def sign_in(request):
    login(request, authenticate(request, username=request.POST["name"], password="p"))
    return HttpResponse()


def sign_out(request):
    logout(request)
    return HttpResponse()


urlpatterns = [path("login", sign_in), path("logout", sign_out)]
if os.path.exists("views.py"):
    import bellhop  # noqa: F401
    import views

    urlpatterns.append(path("ticket", views.ticket))

call_command("migrate", verbosity=0)
for name in ("ada", "grace"):
    User.objects.create_user(name, password="p")

browser = Client(raise_request_exception=True)
for line in sys.stdin:
    action, _, name = line.strip().partition(" ")
    response = browser.post("/" + action, {"name": name})
    cookies = {
        key: {"value": c.value, "secure": bool(c["secure"]), "httponly": bool(c["httponly"]), "samesite": c["samesite"], "age": c["max-age"]}
        for key, c in response.cookies.items()
    }
    print(json.dumps({"status": response.status_code, "body": response.content.decode(), "cookies": cookies}), flush=True)
