"""The client of OpenAI against the compatible mode: chat completions, embeddings and models, synchronous and asynchronous."""
import asyncio
import json
import os

import openai

from report import Report, idle, reset, stats

report = Report()
key = os.environ["INTEROP_KEY"]
base_url = os.environ["INTEROP_BASE_URL"].replace("/api/v1", "/compatible-mode/v1")
client = openai.OpenAI(api_key=key, base_url=base_url, max_retries=0)
TOOLS = [{"type": "function", "function": {
    "name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]


def ask(content="1+1?", behavior=None, **more):
    headers = {} if behavior is None else {"x-simulator-behavior": json.dumps(behavior)}
    return client.chat.completions.create(model="qwen-plus", messages=[{"role": "user", "content": content}],
                                          extra_headers=headers, **more)


def answers():
    answer = ask()
    report.equal("a call is answered", answer.choices[0].message.content, "1+1 equals 2.")
    report.equal("with its usage", answer.usage.total_tokens,
                 answer.usage.prompt_tokens + answer.usage.completion_tokens)
    called = ask("the weather?", tools=TOOLS)
    report.equal("tools are called", (called.choices[0].finish_reason,
                                      called.choices[0].message.tool_calls[0].function.name), ("tool_calls", "weather"))
    answer = ask("JSON, please", response_format={"type": "json_object"})
    report.true("JSON is JSON", isinstance(json.loads(answer.choices[0].message.content), dict))


def streams():
    text, usage = "", None
    for chunk in ask(stream=True, stream_options={"include_usage": True}):
        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        usage = chunk.usage or usage
    report.equal("a stream is read", text, "1+1 equals 2.")
    report.true("and its usage", usage is not None and usage.total_tokens > 0, str(usage))
    thoughts = [chunk.choices[0].delta.model_dump().get("reasoning_content")
                for chunk in ask(stream=True, extra_body={"enable_thinking": True}) if chunk.choices]
    report.true("thinking is read", any(thoughts), str(thoughts)[:300])
    pieces = [call for chunk in ask("the weather?", tools=TOOLS, stream=True) if chunk.choices
              for call in chunk.choices[0].delta.tool_calls or []]
    report.true("a call in fragments", isinstance(json.loads("".join(
        piece.function.arguments or "" for piece in pieces)), dict) and pieces[0].function.name == "weather", str(pieces))


def others():
    vectors = client.embeddings.create(model="text-embedding-v4", input=["a", "b"], dimensions=64, encoding_format="float")
    report.equal("texts are embedded", [len(one.embedding) for one in vectors.data], [64, 64])
    report.true("models are listed", "qwen-plus" in [model.id for model in client.models.list()])


def refuses():
    cases = ((400, openai.BadRequestError), (401, openai.AuthenticationError), (403, openai.PermissionDeniedError),
             (404, openai.NotFoundError), (429, openai.RateLimitError), (500, openai.InternalServerError))
    for status, expected in cases:
        report.raises(f"status {status}", expected, lambda status=status: ask(behavior={"error": {"status": status}}))
    error = report.raises("what is wrong is refused", openai.BadRequestError, lambda: ask(temperature=9))
    report.equal("in the envelope of OpenAI", (error.code, error.type),
                 ("invalid_parameter_error", "invalid_request_error"))
    report.raises("an error in a stream is one", openai.APIError,
                  lambda: list(ask(stream=True, behavior={"stream": {"errorAfterEvents": 1}})))
    stranger = openai.OpenAI(api_key="sk-wrong", base_url=base_url, max_retries=0)
    report.raises("a wrong key is refused", openai.AuthenticationError, lambda: stranger.models.list())
    stranger.close()
    report.raises("a lost connection", openai.APIConnectionError,
                  lambda: ask(behavior={"fault": {"_tag": "ResetBeforeHeaders"}}))
    reset()
    report.raises("after its retries", openai.InternalServerError, lambda: client.with_options(max_retries=2)
                  .models.list(extra_headers={"x-simulator-behavior": json.dumps({"error": {"status": 500}})}))
    report.equal("which are two", stats()["totalRequests"], 3)


async def in_parallel():
    other = openai.AsyncOpenAI(api_key=key, base_url=base_url, max_retries=0)

    async def one():
        answer = await other.chat.completions.create(model="qwen-plus", messages=[{"role": "user", "content": "1+1?"}])
        return answer.choices[0].message.content
    report.equal("calls at once are answered", set(await asyncio.gather(*(one() for _ in range(20)))), {"1+1 equals 2."})
    await other.close()


for scenario in (answers, streams, others, refuses):
    report.run(scenario.__name__, scenario)
report.run("in parallel", lambda: asyncio.run(in_parallel()))
client.close()
report.equal("no connection is left", idle()["openConnections"], 0)
report.finish()
