"""Has Django itself make session cookies, and says what it makes of others.

Reads a JSON list from stdin. {"make": {...}} is answered by a cookie of
Django's signed_cookies session engine; the members are the session's "user"
(signed in by Django's login), "values" of its own, "key", "salt" and "time"
in seconds. {"read": cookie, "key", "fallbacks", "age", "time"} is answered by
the user that Django finds in it, or null.
"""

import json
import sys
from unittest import mock

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="unset",
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    SESSION_SERIALIZER="django.contrib.sessions.serializers.JSONSerializer",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    DATABASES={},
)
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, login  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.signed_cookies import SessionStore  # noqa: E402
from django.core import signing  # noqa: E402
from django.http import HttpRequest  # noqa: E402


def at(case):
    return mock.patch("time.time", lambda: case["time"])


def make(case):
    settings.SECRET_KEY = case["key"]
    store = SessionStore()
    store.update(case.get("values", {}))
    if "user" in case:
        request = HttpRequest()
        request.session = store
        user = User(pk=case["user"], password="x")
        user.backend = "django.contrib.auth.backends.ModelBackend"
        with mock.patch("django.contrib.auth.user_logged_in.send"):
            login(request, user)
        assert {SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY} <= set(store.keys())
    with at(case):
        if "salt" in case:
            return signing.dumps(store._session, compress=True, salt=case["salt"])
        store.save()
        return store.session_key


def read(case):
    settings.SECRET_KEY = case["key"]
    settings.SECRET_KEY_FALLBACKS = case.get("fallbacks") or []
    settings.SESSION_COOKIE_AGE = case["age"]
    with at(case):
        found = SessionStore(case["read"]).load()
    return found.get(SESSION_KEY) if isinstance(found, dict) else None


json.dump([make(c["make"]) if "make" in c else read(c) for c in json.load(sys.stdin)], sys.stdout)
