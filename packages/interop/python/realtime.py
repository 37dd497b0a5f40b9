"""
Realtime sessions with the official SDK: a conversation, speech and recognition. What it says is compared with what our client
says for the same; each difference is here, with its reason.
"""
import base64
import json
import os
import threading
from urllib.parse import urlsplit

from dashscope.audio.qwen_omni import MultiModality, OmniRealtimeCallback, OmniRealtimeConversation
from dashscope.audio.qwen_omni.omni_realtime import TranscriptionParams
from dashscope.audio.qwen_tts_realtime import AudioFormat, QwenTtsRealtime, QwenTtsRealtimeCallback

from report import forget, idle, messages
from support import BASE_URL, Report

report = Report()
URL = f"ws://{urlsplit(BASE_URL).netloc}/api-ws/v1/realtime"
PATIENCE = 30

with open(os.environ["INTEROP_REALTIME"], encoding="utf-8") as file:
    ours = json.load(file)


class Heard:
    """Keeps the events of a session, and waits for those that are asked for."""

    def __init__(self):
        self.events = []
        self.changed = threading.Condition()

    def on_event(self, event):
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def of(self, kind):
        return [event for event in self.events if event["type"] == kind]

    def wait(self, kind):
        with self.changed:
            if not self.changed.wait_for(lambda: self.of(kind), PATIENCE):
                raise TimeoutError(f"no {kind} among {[event['type'] for event in self.events]}")
        return self.of(kind)[-1]


class OmniHeard(Heard, OmniRealtimeCallback):
    pass


class SpeechHeard(Heard, QwenTtsRealtimeCallback):
    pass


def leaves(value, path=""):
    """A value as the paths to what it consists of; what is empty is one too."""
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from leaves(one, f"{path}.{name}" if path else name)
    else:
        yield path, value


def differences(left, right):
    """What is said otherwise, as (message, path, ours, theirs); `-` stands for nothing."""
    found = set()
    for mine, other in zip(left, right):
        here, there = dict(leaves(mine)), dict(leaves(other))
        for path in here.keys() | there.keys():
            pair = here.get(path, "-"), there.get(path, "-")
            if pair[0] != pair[1]:
                found.add((mine["type"], path, json.dumps(pair[0]), json.dumps(pair[1])))
    return found


def compare(name, expected):
    theirs = messages()
    report.equal(f"{name}: says the same events in the same order", [one["type"] for one in theirs],
                 [one["type"] for one in ours[name]])
    report.equal(f"{name}: says the same but for what is known", differences(ours[name], theirs), expected)


def omni():
    forget()
    heard = OmniHeard()
    conversation = OmniRealtimeConversation(model="qwen3-omni-flash-realtime", callback=heard, url=URL)
    conversation.connect()
    heard.wait("session.created")
    conversation.update_session(
        output_modalities=[MultiModality.TEXT, MultiModality.AUDIO],
        voice="Cherry",
        enable_input_audio_transcription=False,
        enable_turn_detection=False,
    )
    heard.wait("session.updated")
    conversation.create_item({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "1+1?"}]})
    conversation.create_response()
    done = heard.wait("response.done")
    conversation.end_session()
    conversation.close()
    report.equal("omni: answers", done["response"]["output"][0]["content"][0]["transcript"], "1+1 equals 2.")
    report.true("omni: speaks", len(b"".join(base64.b64decode(one["delta"]) for one in heard.of("response.audio.delta"))) > 0)
    report.equal("omni: nothing is refused", heard.of("error"), [])
    compare("omni", {
        # The SDK puts the name of its constant there, which the service takes for pcm; the pages have pcm.
        ("session.update", "session.input_audio_format", '"pcm"', '"pcm16"'),
        ("session.update", "session.output_audio_format", '"pcm"', '"pcm16"'),
        # What is not said is left out by ours.
        ("response.create", "response.instructions", '"-"', "null"),
    })


def tts():
    forget()
    heard = SpeechHeard()
    speech = QwenTtsRealtime(model="qwen3-tts-flash-realtime", callback=heard, url=URL)
    speech.connect()
    heard.wait("session.created")
    speech.update_session(voice="Cherry", response_format=AudioFormat.PCM_24000HZ_MONO_16BIT, sample_rate=16000)
    heard.wait("session.updated")
    speech.append_text("今天天气怎么样？")
    speech.finish()
    heard.wait("session.finished")
    speech.close()
    audio = b"".join(base64.b64decode(one["delta"]) for one in heard.of("response.audio.delta"))
    report.equal("tts: gives the audio that ours is given", base64.b64encode(audio).decode(), ours["speech"])
    report.equal("tts: nothing is refused", heard.of("error"), [])
    compare("tts", set())


def asr():
    forget()
    heard = OmniHeard()
    conversation = OmniRealtimeConversation(model="qwen3-asr-flash-realtime", callback=heard, url=URL)
    conversation.connect()
    heard.wait("session.created")
    conversation.update_session(
        output_modalities=[MultiModality.TEXT],
        enable_turn_detection=False,
        transcription_params=TranscriptionParams(language="zh", sample_rate=16000, input_audio_format="pcm"),
    )
    heard.wait("session.updated")
    speech = base64.b64decode(ours["speech"])
    for at in range(0, len(speech), 65536):
        conversation.append_audio(base64.b64encode(speech[at:at + 65536]).decode())
    conversation.commit()
    conversation.end_session()
    conversation.close()
    completed = heard.of("conversation.item.input_audio_transcription.completed")
    report.equal("asr: hears", [one["transcript"] for one in completed], ["今天天气怎么样？"])
    report.equal("asr: nothing is refused", heard.of("error"), [])
    compare("asr", {
        # The class is that of omni, and says what that has: a recognition has neither a voice nor an output.
        ("session.update", "session.modalities", '"-"', '["text"]'),
        ("session.update", "session.voice", '"-"', "null"),
        ("session.update", "session.output_audio_format", '"-"', '"pcm16"'),
    })


report.run("tts", tts)
report.run("omni", omni)
report.run("asr", asr)
report.equal("no connection is left", idle()["openConnections"], 0)
report.finish()
