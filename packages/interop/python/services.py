"""
Sends each case of the services once, and looks at what the SDK makes of the answer. How it asks is the argument: `sync` or
`async` with the module API, `client` or `async-client` with that of the 2.x line. A case's name is in the key.
"""
import asyncio
import importlib
import inspect
import json
import os
import sys
import warnings

import dashscope
import dashscope.audio.asr

from support import BASE_URL, KEY, Report, idle

mode = sys.argv[1]
report = Report()
# The client announces that its audio is a preview.
warnings.simplefilter("ignore")


def attribute(root, path):
    """What a path with dots leads to; some of the modules on the way are not imported by the SDK itself."""
    for name in path.split("."):
        if not hasattr(root, name):
            importlib.import_module(f"{root.__name__}.{name}")
        root = getattr(root, name)
    return root


def argument(value):
    if isinstance(value, list):
        return [argument(one) for one in value]
    if not isinstance(value, dict):
        return value
    fields = {name: argument(one) for name, one in value.items() if name != "$"}
    return attribute(dashscope, value["$"])(**fields) if "$" in value else fields


def plain(value):
    """As JSON: what is a mapping as it is, other objects by what they show."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (bytes, bytearray)):
        return len(value)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    shown = {name: getattr(value, name) for name, one in inspect.getmembers(type(value))
             if isinstance(one, property) and not name.startswith("model_")}
    fields = value.model_dump() if hasattr(value, "model_dump") else getattr(value, "__dict__", {})
    return {name: plain(one) for name, one in {**fields, **shown}.items() if not name.startswith("_")}


def found(value, path):
    """Whether something is there."""
    for name in path.split("."):
        if isinstance(value, list):
            value = value[int(name)] if name.isdigit() and int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value is not None and value != "" and value != []


def heard(made_of, made, path):
    """What an object tells its callback while it hears a file, which it may not want to the end."""
    events = []
    errors = []

    class Callback(dashscope.audio.asr.TranslationRecognizerCallback):
        def on_event(self, request_id, transcription_result, translation_result, usage):
            events.append({"transcription": transcription_result, "translation": translation_result, "usage": usage})

        def on_error(self, message):
            errors.append(message)

    recognizer = made_of(**{**made, "callback": Callback()})
    recognizer.start()
    with open(path, "rb") as file:
        while piece := file.read(3200):
            if recognizer.send_audio_frame(piece) is False:
                break
    recognizer.stop()
    if errors:
        raise RuntimeError(str(errors))
    return events[-1]


def invoke(root, case, one):
    arguments = {name: argument(value) for name, value in one["arguments"].items()}
    made = {"api_key": case["key"], **one.get("with", {})}
    if "hears" in one:
        return heard(attribute(root, one["call"]), made, one["hears"])
    if one.get("made"):
        path, name = one["call"].rsplit(".", 1)
        return getattr(attribute(root, path)(**made), name)(**arguments)
    return attribute(root, one["call"])(api_key=case["key"], **arguments)


async def settled(value):
    if inspect.isawaitable(value):
        value = await value
    return [plain(one) async for one in value] if hasattr(value, "__aiter__") else value


def send(root, case, one, loop):
    result = invoke(root, case, one)
    if loop is not None:
        result = loop.run_until_complete(settled(result))
    items = [plain(item) for item in result] if case["stream"] else [plain(result)]
    bad = [item for item in items if isinstance(item, dict) and item.get("status_code") not in (None, 200)]
    report.true(f"{case['name']}: accepted", items and not bad, str(bad[:1])[:500])
    missing = [path for path in one["gives"] if not any(found(item, path) for item in items)]
    report.true(f"{case['name']}: understood", not missing, f"no {missing} in {str(items[-1:])[:500]}")


def send_all(root, loop):
    with open(os.environ["INTEROP_SERVICES"], encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        if mode in case:
            report.run(case["name"], send, root, case, case[mode], loop)


if mode == "client":
    with dashscope.Client(api_key=KEY, base_url=BASE_URL) as made:
        send_all(made, None)
elif mode == "async-client":
    own = asyncio.new_event_loop()
    made = dashscope.AsyncClient(api_key=KEY, base_url=BASE_URL)
    send_all(made, own)
    own.run_until_complete(made.aclose())
elif mode == "async":
    own = asyncio.new_event_loop()
    send_all(dashscope, own)
    own.run_until_complete(dashscope.close_shared_aio_session())
else:
    send_all(dashscope, None)
    getattr(dashscope, "close_shared_sync_session", lambda: None)()
report.equal("no connection is left", idle()["openConnections"], 0)
report.finish()
