"""The official Python SDK as a worker: see src/task.ts for what it is told and what it prints."""

import itertools
import json
import os
import sys
import threading
import time

PREFIX = "@bench "
# How many batches have a chance to cost less, and what counts as less.
CHANCES = 4
GAIN = 0.03

task = json.loads(sys.argv[1])

import dashscope  # noqa: E402
import requests  # noqa: E402
from dashscope import Generation  # noqa: E402

dashscope.base_http_api_url = task["url"] + "/api/v1"

MODEL = os.environ["BENCH_MODEL"]
MESSAGES = [
    {"role": "system", "content": os.environ["BENCH_SYSTEM"]},
    {"role": "user", "content": os.environ["BENCH_QUESTION"]},
]
ANSWER = os.environ["BENCH_ANSWER"]


def session_options():
    if task["client"] != "python-session":
        return {}
    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_maxsize=max(task["inFlight"], 1))
    session.mount("http://", adapter)
    return {"session": session}


OPTIONS = session_options()


def tell(line):
    print(PREFIX + line, flush=True)
    sys.stdin.readline()


def call():
    response = Generation.call(model=MODEL, messages=MESSAGES, result_format="message", **OPTIONS)
    if response.status_code != 200:
        raise RuntimeError(str(response))
    if response.output.choices[0].message.content != ANSWER:
        raise RuntimeError("not the answer")


def calls(count):
    in_flight = min(task["inFlight"], count)
    numbers = itertools.count()
    errors = []

    def loop():
        try:
            while next(numbers) < count and not errors:
                call()
        except Exception as error:  # told by the thread that started this one
            errors.append(error)

    if in_flight == 1:
        loop()
    else:
        threads = [threading.Thread(target=loop) for _ in range(in_flight)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]


def stream():
    """Reads one stream; gives the milliseconds to its first event."""
    start = time.perf_counter()
    first = 0.0
    events = 0
    characters = 0
    responses = Generation.call(
        model=MODEL, messages=MESSAGES, result_format="message", stream=True, incremental_output=True, **OPTIONS
    )
    for response in responses:
        if response.status_code != 200:
            raise RuntimeError(str(response))
        if events == 0:
            first = (time.perf_counter() - start) * 1000
        events += 1
        characters += len(response.output.choices[0].message.content)
    if events != task["events"] or characters != task["characters"]:
        raise RuntimeError(f"{events} events with {characters} characters came")
    return first


def streams_for(millis):
    start = time.perf_counter()
    firsts = []
    while not firsts or (time.perf_counter() - start) * 1000 < millis:
        firsts.append(stream())
    return firsts


def is_settled(costs):
    """As settled.ts has it."""
    return len(costs) > CHANCES and min(costs[-CHANCES:]) >= min(costs[:-CHANCES]) * (1 - GAIN)


def warm_up(first, batch):
    """Batches until their cost no longer falls, or patience ends; gives the units per millisecond of the last."""
    started = time.perf_counter()
    costs = []
    units = first
    while True:
        cpu = time.process_time()
        start = time.perf_counter()
        done = batch(units)
        rate = done / ((time.perf_counter() - start) * 1000)
        costs.append((time.process_time() - cpu) / done)
        settled = is_settled(costs)
        if settled or (time.perf_counter() - started) * 1000 >= task["patienceMillis"]:
            return rate, settled
        units = int(rate * task["batchMillis"]) + 1


def in_window(settled, run):
    tell("begin")
    cpu = time.process_time()
    start = time.perf_counter()
    numbers = run()
    wall = time.perf_counter() - start
    cpu = time.process_time() - cpu
    tell("end")
    return {**numbers, "cpuMicros": cpu * 1e6, "wallMicros": wall * 1e6, "settled": int(settled)}


def measure_calls():
    def batch(wanted):
        count = max(wanted, 2 * task["inFlight"])
        calls(count)
        return count

    rate, settled = warm_up(task["inFlight"], batch)
    count = max(int(rate * task["windowMillis"]) + 1, 5 * task["inFlight"])

    def run():
        calls(count)
        return {"units": count}

    return in_window(settled, run)


def measure_streams():
    _, settled = warm_up(1, lambda _: len(streams_for(task["batchMillis"])) * task["events"])

    def run():
        firsts = sorted(streams_for(task["windowMillis"]))
        return {"units": len(firsts) * task["events"], "firstMillis": firsts[len(firsts) // 2]}

    return in_window(settled, run)


KINDS = {"calls": measure_calls, "stream": measure_streams, "first-event": measure_streams}

print(PREFIX + "result " + json.dumps(KINDS[task["kind"]]()), flush=True)
# Threads and sessions that the SDK may still hold are not waited for.
os._exit(0)
