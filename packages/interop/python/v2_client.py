"""The SDK's v2 client, which has a pool of its own (httpx), typed errors and retries."""
import asyncio
import json

import dashscope
from dashscope.v2 import errors

from scenarios import SUM, SUM_ANSWER, TOOLS, WEATHER
from support import BASE_URL, KEY, LIMITED_URL, Report, behavior, idle, last_request, reset, stats

report = Report()


def client_of(url=BASE_URL, **options):
    return dashscope.Client(api_key=KEY, base_url=url, **options)


def misbehaving(client, **fields):
    """The same client, whose requests ask the simulator to misbehave."""
    client.transport._client.headers.update(behavior(**fields))  # pylint: disable=protected-access
    return client


def calls():
    with client_of() as client:
        answer = client.chat.completions.create(model="qwen-plus", messages=SUM)
        report.equal("call: content", answer.choices[0].message.content, SUM_ANSWER)
        report.equal("call: finish reason", answer.choices[0].finish_reason, "stop")
        report.true("call: usage", answer.usage.total_tokens > 0, answer.usage)
        sent = last_request()
        body = json.loads(sent["body"])
        report.equal("call: path", sent["path"], "/api/v1/services/aigc/text-generation/generation")
        report.equal("call: body", body, {"model": "qwen-plus", "input": {"messages": SUM},
                                          "parameters": {"result_format": "message"}})

        asked = client.chat.completions.create(model="qwen-plus", messages=WEATHER, tools=TOOLS)
        report.equal("tools: finish reason", asked.choices[0].finish_reason, "tool_calls")
        report.true("tools: arguments are JSON",
                    all(json.loads(one.function.arguments) for one in asked.choices[0].message.tool_calls))


def streams():
    with client_of() as client:
        def stream(**options):
            return client.chat.completions.create(model="qwen-plus", messages=SUM, stream=True, **options)

        report.equal("stream: the text", "".join(stream().text_stream), SUM_ANSWER)
        report.equal("stream: the message at its end", stream().get_final_message().choices[0].message.content, SUM_ANSWER)
        report.equal("stream: asks for increments",
                     json.loads(last_request()["body"])["parameters"].get("incremental_output"), True)
        thought = client.chat.completions.create(model="qwen-plus", messages=SUM, stream=True, enable_thinking=True)
        report.true("stream: thinking", "".join(thought.reasoning_stream) != "")
        report.equal("stream: no request is left", stats()["requestsInFlight"], 0)


def failures():
    def create(client):
        return client.chat.completions.create(model="qwen-plus", messages=SUM)

    with dashscope.Client(api_key="wrong-key", base_url=BASE_URL) as client:
        error = report.raises("errors: a wrong key", errors.AuthenticationError, lambda: create(client))
        report.equal("errors: its status", error and error.status_code, 401)
        report.equal("errors: its code", error and error.code, "InvalidApiKey")
    with client_of() as client:
        report.raises("errors: an unknown model", errors.NotFoundError,
                      lambda: client.chat.completions.create(model="unknown-model", messages=SUM))
    with client_of(LIMITED_URL, max_retries=0) as client:
        create(client)
        report.raises("errors: too many requests", errors.RateLimitError, lambda: create(client))
    reset()
    with misbehaving(client_of(), error={"status": 500}) as client:
        report.raises("errors: the server fails", errors.InternalServerError, lambda: create(client))
    report.equal("errors: it was asked three times", idle()["totalRequests"], 3)
    with misbehaving(client_of(max_retries=0), stream={"errorAfterEvents": 3}) as client:
        report.raises("errors: in the midst of a stream", errors.DashScopeError,
                      lambda: list(client.chat.completions.create(model="qwen-plus", messages=SUM, stream=True)))


def connections():
    idle()
    reset()
    with client_of() as client:
        for _ in range(5):
            client.chat.completions.create(model="qwen-plus", messages=SUM)
        list(client.chat.completions.create(model="qwen-plus", messages=SUM, stream=True))
    seen = idle()
    report.equal("connections: one for 6 requests", (seen["totalRequests"], seen["totalConnections"]), (6, 1))


def at_once():
    idle()
    reset()

    async def ask():
        async with dashscope.AsyncClient(api_key=KEY, base_url=BASE_URL) as client:
            return await asyncio.gather(*[
                client.chat.completions.create(model="qwen-plus", messages=SUM) for _ in range(40)
            ])

    answers = asyncio.run(ask())
    report.equal("at once: 40 answers", {one.choices[0].message.content for one in answers}, {SUM_ANSWER})
    report.equal("at once: 40 requests", idle()["totalRequests"], 40)


for scenario in [calls, streams, failures, connections, at_once]:
    report.run(scenario.__name__, scenario)
report.equal("no connection is left", idle()["openConnections"], 0)
report.finish()
