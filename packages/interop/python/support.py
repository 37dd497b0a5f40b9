"""What every program with an official SDK needs: where to ask, and two ways to call the SDK."""
import asyncio
import json
import os

import dashscope
from dashscope import AioGeneration, Generation

from report import Report, close_idle, idle, last_request, reset, stats  # pylint: disable=unused-import

BASE_URL = os.environ["INTEROP_BASE_URL"]
OTHER_URL = os.environ["INTEROP_OTHER_URL"]
LIMITED_URL = os.environ["INTEROP_LIMITED_URL"]
TLS_URL = os.environ["INTEROP_TLS_URL"]
CA_FILE = os.environ["INTEROP_CA_FILE"]
KEY = os.environ["INTEROP_KEY"]

dashscope.base_http_api_url = BASE_URL
dashscope.base_websocket_api_url = BASE_URL.replace("http", "ws", 1).replace("/api/v1", "/api-ws/v1/inference")
dashscope.api_key = KEY


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
