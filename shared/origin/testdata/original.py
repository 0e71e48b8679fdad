"""Asks Django Channels itself.

Reads a JSON list of cases from stdin: {"patterns": "a,b", "origins": [...],
"debug": false}, where each character of an origin stands for one byte of the
header's value. Writes the list of verdicts to stdout: "allowed", "refused", or
"error: " with the name of the exception that ended the handshake.
"""

import asyncio
import json
import sys

from django.conf import settings

settings.configure(ALLOWED_HOSTS=[], DEBUG=False)

from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402


async def verdict(case):
    settings.ALLOWED_HOSTS = [p.strip() for p in case["patterns"].split(",") if p.strip()]
    settings.DEBUG = case.get("debug", False)
    reached = []
    sent = []

    async def application(scope, receive, send):
        reached.append(scope)

    async def receive():
        if sent:
            return {"type": "websocket.disconnect", "code": 1006}
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message["type"])

    headers = [(b"origin", o.encode("latin1")) for o in case["origins"]]
    scope = {"type": "websocket", "path": "/ws/notifications/", "headers": headers}
    try:
        await asyncio.wait_for(AllowedHostsOriginValidator(application)(scope, receive, send), 5)
    except Exception as fault:
        return "error: " + type(fault).__name__
    if reached:
        return "allowed"
    assert sent == ["websocket.close"], sent
    return "refused"


async def main():
    json.dump([await verdict(case) for case in json.load(sys.stdin)], sys.stdout)


asyncio.run(main())
