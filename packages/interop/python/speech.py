"""Speech over WebSockets with the class and the object pool of `dashscope.audio.tts_v2`, as its documentation uses them."""
import threading

import dashscope
from dashscope.audio.tts_v2 import (
    AudioFormat,
    ResultCallback,
    SpeechSynthesizer,
    SpeechSynthesizerObjectPool,
)

from report import Report, idle, reset, stats
from support import BASE_URL, KEY

dashscope.base_websocket_api_url = BASE_URL.replace("http", "ws", 1).replace("/api/v1", "/api-ws/v1/inference")

report = Report()
MODEL, VOICE = "cosyvoice-v3-flash", "longanyang"


class Listener(ResultCallback):
    """Keeps what it is told."""

    def __init__(self):
        self.calls = []
        self.audio = b""
        self.events = 0
        self.closed = threading.Event()

    def on_open(self):
        self.calls.append("open")

    def on_complete(self):
        self.calls.append("complete")

    def on_error(self, message):
        self.calls.append(f"error {message}")

    def on_close(self):
        self.calls.append("close")
        self.closed.set()

    def on_event(self, message):
        self.events += 1

    def on_data(self, data):
        self.audio += data


def with_key(key):
    dashscope.api_key = key


# -----------------------------------------------------------------------------
# Requests that are compared with ours
# -----------------------------------------------------------------------------


def speech_call():
    audio = SpeechSynthesizer(model=MODEL, voice=VOICE).call("今天天气怎么样？")
    report.true("synthesis-call: there is audio", len(audio or b"") > 0)


def speech_stream():
    listener = Listener()
    synthesizer = SpeechSynthesizer(
        model=MODEL,
        voice=VOICE,
        format=AudioFormat.PCM_16000HZ_MONO_16BIT,
        volume=40,
        speech_rate=1.5,
        pitch_rate=0.5,
        seed=7,
        instruction="slowly",
        language_hints=["zh"],
        hot_fix={"replace": [{"今天": "金天"}]},
        additional_params={"word_timestamp_enabled": True},
        callback=listener,
    )
    synthesizer.streaming_call("今天")
    synthesizer.streaming_flush()
    synthesizer.streaming_call("天气怎么样？")
    synthesizer.streaming_complete()
    report.equal("synthesis-stream: it was told in order", listener.calls, ["open", "complete", "close"])
    report.true("synthesis-stream: there is audio", len(listener.audio) > 0)
    report.true("synthesis-stream: there are events", listener.events > 0)


for name, scenario in {"synthesis-call": speech_call, "synthesis-stream": speech_stream}.items():
    with_key(f"wire-{name}")
    report.run(name, scenario)

with_key(KEY)

# -----------------------------------------------------------------------------
# The object pool, and failures
# -----------------------------------------------------------------------------


def object_pool():
    idle()
    reset()
    pool = SpeechSynthesizerObjectPool(max_size=2)
    try:
        heard = set()
        for _ in range(6):
            listener = Listener()
            synthesizer = pool.borrow_synthesizer(model=MODEL, voice=VOICE, callback=listener)
            synthesizer.call("今天天气怎么样？")
            listener.closed.wait(10)
            # The object is busy until its own thread has seen the end.
            synthesizer._stopped.wait(10)  # pylint: disable=protected-access
            heard.add(listener.audio)
            pool.return_synthesizer(synthesizer)
        report.equal("object pool: all six sound the same", len(heard), 1)
        report.true("object pool: there is audio", all(heard))
        report.equal("object pool: two connections for six tasks", stats()["totalConnections"], 2)
    finally:
        pool.shutdown()
    # Its end stops the thread, and leaves the connections open.
    report.equal("object pool: its connections are left", stats()["openConnections"], 2)


def foreign_voice():
    listener = Listener()
    try:
        SpeechSynthesizer(model=MODEL, voice="unknown", callback=listener).streaming_call("a")
        raised = ""
    except Exception as error:  # pylint: disable=broad-except
        raised = str(error)
    told = raised + " ".join(listener.calls)
    report.true("foreign voice: the error says 418", "418" in told, told)


report.run("object pool", object_pool)
report.run("foreign voice", foreign_voice)
report.finish()
