"""What every program here needs: a report of checks, the server's side of the story, and two ways to call the SDK."""
import asyncio
import json
import os
import sys
import traceback
import urllib.request

import dashscope
from dashscope import AioGeneration, Generation

BASE_URL = os.environ["INTEROP_BASE_URL"]
OTHER_URL = os.environ["INTEROP_OTHER_URL"]
LIMITED_URL = os.environ["INTEROP_LIMITED_URL"]
TLS_URL = os.environ["INTEROP_TLS_URL"]
CA_FILE = os.environ["INTEROP_CA_FILE"]
CONTROL_URL = os.environ["INTEROP_CONTROL_URL"]
KEY = os.environ["INTEROP_KEY"]

dashscope.base_http_api_url = BASE_URL
dashscope.api_key = KEY


class Report:
    """One line per check, in a form that the runner reads; a number of lines last, to show that none is missing."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def _line(self, text):
        print(text.replace("\n", "\\n"), flush=True)

    def true(self, name, condition, detail=""):
        self.count += 1
        if condition:
            self._line(f"ok {name}")
        else:
            self.failed += 1
            self._line(f"FAIL {name}\t{detail or 'it does not hold'}")

    def equal(self, name, actual, expected):
        self.true(name, actual == expected, f"expected {expected!r}, got {actual!r}")

    def raises(self, name, expected, thunk):
        try:
            got = thunk()
        except expected as error:
            self.true(name, True)
            return error
        except Exception as error:  # pylint: disable=broad-except
            self.true(name, False, f"expected {expected}, got {type(error)}: {error}")
        else:
            self.true(name, False, f"expected {expected}, got a result: {got!r}")
        return None

    def run(self, name, scenario, *arguments):
        """A scenario that dies is one failed check."""
        try:
            scenario(*arguments)
        except Exception as error:  # pylint: disable=broad-except
            traceback.print_exc()
            self.true(name, False, f"{type(error).__name__}: {error}")

    def finish(self):
        self._line(f"end {self.count}")
        sys.exit(1 if self.failed else 0)


def _control(method, path):
    # Not through a proxy that the environment may name.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(CONTROL_URL + path, method=method)
    with opener.open(request, timeout=30) as response:
        return json.loads(response.read())


def stats():
    """The server's counters: connections and requests, now, at most and in all."""
    return _control("GET", "/stats")


def idle():
    """The same, once nothing is connected."""
    return _control("GET", "/idle")


def reset():
    _control("POST", "/reset")


def close_idle():
    """Lets the server close the connections that have no request, as it does after a while."""
    _control("POST", "/close-idle")


def last_request():
    """The latest request as it arrived: method, path, headers, body."""
    return _control("GET", "/last")


class Sync:
    """`Generation`, with or without a session."""

    def __init__(self, session=None):
        self.extra = {} if session is None else {"session": session}

    def call(self, **arguments):
        return Generation.call(**{"model": "qwen-plus", **arguments, **self.extra})

    def stream_until(self, **arguments):
        """What a stream gave, and the exception that ended it."""
        items = []
        try:
            for item in self.call(stream=True, **arguments):
                items.append(frozen(item))
        except Exception as error:  # pylint: disable=broad-except
            return items, error
        return items, None

    def stream(self, **arguments):
        items, error = self.stream_until(**arguments)
        if error is not None:
            raise error
        return items


class Async(Sync):
    """`AioGeneration` on an event loop of its own."""

    def __init__(self, loop, session=None):
        super().__init__(session)
        self.loop = loop

    async def call_async(self, **arguments):
        return await AioGeneration.call(**{"model": "qwen-plus", **arguments, **self.extra})

    def call(self, **arguments):
        return self.loop.run_until_complete(self.call_async(**arguments))

    async def _collect(self, items, arguments):
        async for item in await self.call_async(stream=True, **arguments):
            items.append(frozen(item))

    def stream_until(self, **arguments):
        items = []
        try:
            self.loop.run_until_complete(self._collect(items, arguments))
        except (Exception, asyncio.CancelledError) as error:  # pylint: disable=broad-except
            return items, error
        return items, None


def frozen(response):
    """A copy: the SDK's merged items share lists that grow with later ones."""
    return json.loads(str(response))


def behavior(**fields):
    """The header by which one request asks the simulator to misbehave."""
    return {"x-simulator-behavior": json.dumps(fields)}
