"""What the SDK has to make of the simulator's answers, whichever way it calls."""
import json

import dashscope
from dashscope.common.error import AuthenticationError, InputRequired, ModelRequired

from support import LIMITED_URL, behavior, last_request, stats

SUM = [{"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": "What is 1+1?"}]
SUM_ANSWER = "1+1 equals 2."
WEATHER = [{"role": "user", "content": "What is the weather in Hangzhou, and the time there?"}]


def tool(name, description):
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": {"location": {"type": "string", "description": "A city."}},
                "required": ["location"],
            },
        },
    }


TOOLS = [tool("get_current_weather", "The weather of a city."), tool("get_local_time", "The time in a city.")]


def message_of(item):
    return item["output"]["choices"][0]["message"]


def reason_of(item):
    return item["output"]["choices"][0]["finish_reason"]


def joined(items, field):
    return "".join(message_of(item).get(field) or "" for item in items)


def grows(texts):
    return all(after.startswith(before) for before, after in zip(texts, texts[1:]))


def sums_up(usage):
    return usage["input_tokens"] > 0 and usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def calls(report, client):
    answer = client.call(messages=SUM, result_format="message")
    report.equal("call: status", answer.status_code, 200)
    report.equal("call: content", answer.output.choices[0].message.content, SUM_ANSWER)
    report.equal("call: role", answer.output.choices[0].message.role, "assistant")
    report.equal("call: finish reason", answer.output.choices[0].finish_reason, "stop")
    report.true("call: usage sums up", sums_up(answer.usage), answer.usage)
    report.equal("call: no code, no message", (answer.code, answer.message), ("", ""))
    headers = {name.lower(): value for name, value in answer.headers.items()}
    report.equal("call: request id in body and head", headers.get("x-request-id"), answer.request_id)
    report.equal("call: the same again gives the same", client.call(messages=SUM, result_format="message").output,
                 answer.output)

    text = client.call(prompt="What is 1+1?")
    report.equal("call, text format: text", text.output.text, SUM_ANSWER)
    report.equal("call, text format: no choices", text.output.choices, None)
    report.equal("call, text format: finish reason", text.output.finish_reason, "stop")

    history = client.call(prompt="What is 2+2?", history=[{"user": "What is 1+1?", "bot": "2"}])
    report.equal("call, history: text", history.output.text, "2+2 equals 4.")

    words = "你好，世界 🌏 “引号”"
    report.true("call: other scripts come back whole",
                words in client.call(prompt=words).output.text)

    cut = client.call(messages=SUM, result_format="message", max_tokens=2)
    report.equal("call, max_tokens: finish reason", cut.output.choices[0].finish_reason, "length")
    report.equal("call, max_tokens: output tokens", cut.usage.output_tokens, 2)

    form = client.call(messages=[{"role": "user", "content": "What is 1+1? Answer in JSON."}], result_format="message",
                       response_format={"type": "json_object"})
    report.true("call, response_format: JSON", isinstance(json.loads(form.output.choices[0].message.content), dict))

    several = client.call(messages=SUM, result_format="message", n=2)
    report.equal("call, n: choices", [choice.index for choice in several.output.choices], [0, 1])

    found = client.call(messages=SUM, result_format="message", enable_search=True,
                        search_options={"enable_source": True, "enable_citation": True})
    sources = found.output.search_info["search_results"]
    report.true("call, search: sources", len(sources) > 0 and all(one["url"] and one["title"] for one in sources))
    report.equal("call, search: counted", found.usage.plugins["search"]["count"], 1)

    zipped = client.call(messages=SUM, result_format="message", headers=behavior(gzip=True))
    report.equal("call: a compressed body", zipped.output.choices[0].message.content, SUM_ANSWER)


def streams(report, client):
    whole = client.call(messages=SUM, result_format="message")
    for incremental, name in [(True, "stream, increments"), (False, "stream, totals"), (None, "stream, unset")]:
        items = client.stream(messages=SUM, result_format="message", incremental_output=incremental)
        texts = [message_of(item)["content"] for item in items]
        report.true(f"{name}: several items", len(items) > 2, len(items))
        report.equal(f"{name}: all of status 200", {item["status_code"] for item in items}, {200})
        report.equal(f"{name}: one request id", len({item["request_id"] for item in items}), 1)
        report.equal(f"{name}: finish reasons", [reason_of(item) for item in items],
                     ["null"] * (len(items) - 1) + ["stop"])
        report.equal(f"{name}: usage at the end", items[-1]["usage"], frozen_usage(whole))
        report.true(f"{name}: usage grows",
                    all(a["usage"]["output_tokens"] <= b["usage"]["output_tokens"] for a, b in zip(items, items[1:])))
        if incremental:
            report.equal(f"{name}: joined", "".join(texts), SUM_ANSWER)
            report.equal(f"{name}: nothing new in the last", texts[-1], "")
        else:
            report.equal(f"{name}: the last is whole", texts[-1], SUM_ANSWER)
            report.true(f"{name}: each begins with the one before", grows(texts), texts)
        sent = json.loads(last_request()["body"])["parameters"]
        # With `False` the SDK asks for increments and adds them up itself.
        report.equal(f"{name}: what was asked of the server", sent.get("incremental_output"),
                     None if incremental is None else True)
        report.equal(f"{name}: the header that makes it a stream", last_request()["headers"].get("x-dashscope-sse"),
                     "enable")

    text = client.stream(prompt="What is 1+1?", incremental_output=True)
    report.equal("stream, text format: joined", "".join(item["output"]["text"] for item in text), SUM_ANSWER)
    merged = client.stream(prompt="What is 1+1?", incremental_output=False)
    report.equal("stream, text format, totals: the last is whole", merged[-1]["output"]["text"], SUM_ANSWER)

    words = "你好，世界 🌏"
    cut = client.stream(prompt=words, incremental_output=True, headers=behavior(stream={"chunking": 3}))
    report.true("stream, cut inside characters: whole words",
                words in "".join(item["output"]["text"] for item in cut))
    quiet = client.stream(messages=SUM, result_format="message", incremental_output=True,
                          headers=behavior(stream={"commentsBetween": True}))
    report.equal("stream, comments between: joined", joined(quiet, "content"), SUM_ANSWER)
    lines = client.stream(messages=SUM, result_format="message", incremental_output=True,
                          headers=behavior(stream={"lineEnd": "crlf", "spaceAfterColon": True}))
    report.equal("stream, other spelling: joined", joined(lines, "content"), SUM_ANSWER)
    zipped = client.stream(messages=SUM, result_format="message", incremental_output=True, headers=behavior(gzip=True))
    report.equal("stream, compressed: joined", joined(zipped, "content"), SUM_ANSWER)
    plain = client.stream(messages=SUM, result_format="message", incremental_output=True,
                          headers=behavior(stream={"jsonInsteadOfStream": True}))
    report.equal("stream, answered by plain JSON: one item", [message_of(item)["content"] for item in plain],
                 [SUM_ANSWER])
    many = client.stream(messages=SUM, result_format="message", incremental_output=True,
                         headers=behavior(stream={"events": 2000}))
    report.equal("stream, long: items", len(many), 2001)

    several = client.stream(messages=SUM, result_format="message", incremental_output=False, n=2)
    last = several[-1]["output"]["choices"]
    both = client.call(messages=SUM, result_format="message", n=2)
    report.equal("stream, n, totals: the last holds all choices",
                 [(one["index"], one["message"]["content"]) for one in last],
                 [(one.index, one.message.content) for one in both.output.choices])
    report.equal("stream, n, totals: the usage of all choices", several[-1]["usage"], frozen_usage(both))

    probable = client.call(messages=SUM, result_format="message", logprobs=True, top_logprobs=2)
    merged = client.stream(messages=SUM, result_format="message", logprobs=True, top_logprobs=2,
                           incremental_output=False)
    report.equal("stream, logprobs, totals: those of the call",
                 [item["output"]["choices"][0]["logprobs"] for item in merged
                  if "logprobs" in item["output"]["choices"][0]][-1],
                 json.loads(json.dumps(probable.output.choices[0].logprobs)))

    first = client.stream(messages=SUM, result_format="message", incremental_output=True, enable_search=True,
                          search_options={"enable_source": True, "prepend_search_result": True})[0]
    report.true("stream, search: the first item holds only the sources",
                message_of(first)["content"] == "" and len(first["output"]["search_info"]["search_results"]) > 0)


def frozen_usage(answer):
    return json.loads(json.dumps(answer.usage))


def assembled(items):
    """Tool calls put together by their index, as a user of increments has to."""
    made = {}
    for item in items:
        for part in message_of(item).get("tool_calls") or []:
            one = made.setdefault(part["index"], {"id": "", "name": "", "arguments": ""})
            one["id"] = part.get("id") or one["id"]
            one["name"] += part["function"].get("name") or ""
            one["arguments"] += part["function"].get("arguments") or ""
    return [made[index] for index in sorted(made)]


def listed(tool_calls):
    return [{"id": one["id"], "name": one["function"]["name"], "arguments": one["function"]["arguments"]}
            for one in tool_calls]


def without_ids(tool_calls):
    # The ids come of the request, which is another one for a stream.
    return [{key: value for key, value in one.items() if key != "id"} for one in tool_calls]


def tools(report, client):
    asked = client.call(messages=WEATHER, result_format="message", tools=TOOLS, parallel_tool_calls=True)
    choice = asked.output.choices[0]
    wanted = listed(choice.message.tool_calls)
    report.equal("tools: finish reason", choice.finish_reason, "tool_calls")
    report.equal("tools: no content", choice.message.content, "")
    report.equal("tools: names", [one["name"] for one in wanted], ["get_current_weather", "get_local_time"])
    report.equal("tools: arguments are JSON", [json.loads(one["arguments"]) for one in wanted],
                 [{"location": "Hangzhou"}] * 2)
    report.true("tools: ids", len({one["id"] for one in wanted}) == 2 and all(one["id"] for one in wanted))

    results = [{"role": "tool", "content": text, "tool_call_id": one["id"]}
               for one, text in zip(wanted, ["24 degrees, rain", "09:41"])]
    told = client.call(messages=[*WEATHER, choice.message, *results], result_format="message", tools=TOOLS)
    report.true("tools: the results come back in the answer",
                "24 degrees, rain" in told.output.choices[0].message.content
                and "09:41" in told.output.choices[0].message.content)

    items = client.stream(messages=WEATHER, result_format="message", tools=TOOLS, parallel_tool_calls=True,
                          incremental_output=True)
    report.equal("tools, increments: assembled", without_ids(assembled(items)), without_ids(wanted))
    report.true("tools, increments: later parts have an empty id",
                any(part.get("id") == "" for item in items for part in message_of(item).get("tool_calls") or []))
    report.equal("tools, increments: finish reasons", [reason_of(item) for item in items],
                 ["null"] * (len(items) - 1) + ["tool_calls"])
    merged = client.stream(messages=WEATHER, result_format="message", tools=TOOLS, parallel_tool_calls=True,
                           incremental_output=False)
    report.equal("tools, totals: the last is whole", without_ids(listed(message_of(merged[-1])["tool_calls"])),
                 without_ids(wanted))
    unset = client.stream(messages=WEATHER, result_format="message", tools=TOOLS, parallel_tool_calls=True)
    report.equal("tools, unset: the last is whole", without_ids(listed(message_of(unset[-1])["tool_calls"])),
                 without_ids(wanted))

    named = client.call(messages=SUM, result_format="message", tools=TOOLS,
                        tool_choice={"type": "function", "function": {"name": "get_local_time"}})
    report.equal("tools, tool_choice: that one", [one["name"] for one in listed(named.output.choices[0].message.tool_calls)],
                 ["get_local_time"])
    none = client.call(messages=WEATHER, result_format="message", tools=TOOLS, tool_choice="none")
    report.true("tools, tool_choice none: words", none.output.choices[0].message.content != "")


def thinking(report, client):
    answer = client.call(messages=SUM, result_format="message", enable_thinking=True)
    thought = answer.output.choices[0].message.reasoning_content
    report.true("thinking: it thought", len(thought) > 0)
    report.equal("thinking: content", answer.output.choices[0].message.content, SUM_ANSWER)
    report.true("thinking: counted", answer.usage.output_tokens_details["reasoning_tokens"] > 0)
    short = client.call(messages=SUM, result_format="message", enable_thinking=True, thinking_budget=3)
    report.equal("thinking, budget: tokens", short.usage.output_tokens_details["reasoning_tokens"], 3)

    items = client.stream(messages=SUM, result_format="message", enable_thinking=True, incremental_output=True)
    report.equal("thinking, increments: thoughts", joined(items, "reasoning_content"), thought)
    report.equal("thinking, increments: content", joined(items, "content"), SUM_ANSWER)
    kinds = ["thought" if message_of(item).get("reasoning_content") else "content" for item in items]
    report.equal("thinking, increments: first the thoughts", kinds, sorted(kinds, reverse=True))
    merged = client.stream(messages=SUM, result_format="message", enable_thinking=True, incremental_output=False)
    report.equal("thinking, totals: the last is whole",
                 (message_of(merged[-1])["reasoning_content"], message_of(merged[-1])["content"]), (thought, SUM_ANSWER))


def refused(report, name, answer, status, code):
    report.equal(f"{name}: status and code", (answer["status_code"], answer["code"]), (status, code))
    report.true(f"{name}: message, request id, no output",
                answer["message"] and answer["request_id"] and answer["output"] is None, answer)


def errors(report, client):
    def call(**arguments):
        answer = client.call(**{"messages": SUM, "result_format": "message", **arguments})
        return {"status_code": answer.status_code, "code": answer.code, "message": answer.message,
                "request_id": answer.request_id, "output": answer.output}

    refused(report, "401", call(api_key="wrong"), 401, "InvalidApiKey")
    refused(report, "400", call(temperature=5), 400, "InvalidParameter")
    refused(report, "404", call(model="unknown-model"), 404, "ModelNotFound")
    # That server lets one request pass.
    report.equal("429: the one before it passes", call(base_address=LIMITED_URL)["status_code"], 200)
    refused(report, "429", call(base_address=LIMITED_URL), 429, "Throttling.RateQuota")
    refused(report, "500", call(headers=behavior(error={"status": 500})), 500, "InternalError")

    page = call(headers=behavior(error={"status": 502, "shape": "html"}))
    report.equal("a proxy's page: status and code", (page["status_code"], page["code"]), (502, "Unknown"))
    report.true("a proxy's page: it is the message", "<html>" in page["message"])
    typeless = call(headers=behavior(error={"status": 401, "contentType": ""}))
    report.true("an error without a content type: its text is the message",
                typeless["status_code"] == 401 and "InvalidApiKey" in str(typeless["message"]), typeless)
    framed = call(headers=behavior(error={"status": 400, "shape": "sse"}))
    refused(report, "an error framed as an event", framed, 400, "InvalidParameter")
    numeric = call(headers=behavior(error={"status": 400, "shape": "numeric"}))
    refused(report, "an error with a number for a code", numeric, 400, 400)
    nested = call(headers=behavior(error={"status": 400, "shape": "nested"}))
    report.equal("a nested error: the SDK sees only its status", (nested["status_code"], nested["code"]), (400, None))
    large = call(headers=behavior(error={"status": 400, "padTo": 70_000}))
    report.true("a large error: read whole", large["code"] == "InvalidParameter" and len(large["message"]) > 60_000)


def stream_errors(report, client):
    asked = {"messages": SUM, "result_format": "message", "incremental_output": True}
    items = client.stream(**asked, temperature=5)
    report.equal("stream, 400: one item", len(items), 1)
    refused(report, "stream, 400", items[0], 400, "InvalidParameter")
    items = client.stream(**asked, api_key="wrong")
    report.equal("stream, 401: one item", len(items), 1)
    refused(report, "stream, 401", items[0], 401, "InvalidApiKey")
    items = client.stream(**asked, headers=behavior(error={"status": 429}))
    refused(report, "stream, 429", items[0], 429, "Throttling.RateQuota")

    for merged in (False, True):
        name = "stream, error after 3 items" + (", totals" if merged else "")
        items = client.stream(**{**asked, "incremental_output": not merged},
                              headers=behavior(error={"status": 429, "asEvent": 3}))
        report.equal(f"{name}: the good ones first", [item["status_code"] for item in items[:-1]], [200] * 3)
        # The SDK does not read the comment that says 429.
        refused(report, name, items[-1], 400, "Throttling.RateQuota")

    items, error = client.stream_until(**asked, headers=behavior(stream={"resetAfterEvents": 3}))
    report.equal("stream, reset after 3 items: the good ones first", len(items), 3)
    report.true("stream, reset after 3 items: an exception", error is not None)
    items, error = client.stream_until(**asked, headers=behavior(stream={"undecodableEventAfter": 2}))
    report.equal("stream, an event that is not JSON: one item of code Unknown",
                 [item["code"] for item in items].index("Unknown"), 2)
    report.equal("stream, an event that is not JSON: the rest is there",
                 "".join(message_of(item)["content"] for item in items if item["status_code"] == 200), SUM_ANSWER)


def without_request(report, client):
    before = stats()["totalRequests"]
    report.raises("nothing to send: InputRequired", InputRequired, lambda: client.call(messages=[]))
    report.raises("no model: ModelRequired", ModelRequired, lambda: client.call(model="", prompt="hello"))
    key = dashscope.api_key
    dashscope.api_key = None
    try:
        report.raises("no key: AuthenticationError", AuthenticationError, lambda: client.call(prompt="hello"))
    finally:
        dashscope.api_key = key
    report.equal("none of these reached the server", stats()["totalRequests"], before)


def headers(report, client):
    client.call(prompt="hello", workspace="ws-1", headers={"X-Of-Mine": "yes", "user-agent": "mine/1"})
    seen = last_request()
    report.equal("headers: workspace", seen["headers"].get("x-dashscope-workspace"), "ws-1")
    report.equal("headers: one's own", seen["headers"].get("x-of-mine"), "yes")
    report.true("headers: one's own user agent is appended", "; mine/1" in seen["headers"]["user-agent"],
                seen["headers"]["user-agent"])
    client.call(prompt="hello", plugins={"code_interpreter": {}})
    report.equal("headers: plugins", last_request()["headers"].get("x-dashscope-plugin"), '{"code_interpreter": {}}')


def run_all(report, client):
    for scenario in (calls, streams, tools, thinking, errors, stream_errors, without_request, headers):
        report.run(scenario.__name__, scenario, report, client)
