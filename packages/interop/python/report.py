"""What every program here needs: a report of checks, and the server's side of the story."""
import json
import os
import sys
import traceback
import urllib.request

CONTROL_URL = os.environ["INTEROP_CONTROL_URL"]


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


def messages():
    """What was said over WebSockets, without the ids of events."""
    return _control("GET", "/messages")


def forget():
    """Forgets requests and messages."""
    _control("POST", "/forget")
