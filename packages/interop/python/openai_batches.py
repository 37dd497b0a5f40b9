"""The client of OpenAI against the compatible mode: a file, its batch, and the results, as the service's pages have it."""
import io
import json
import os

import openai

from report import Report, idle

report = Report()
key = os.environ["INTEROP_KEY"]
base_url = os.environ["INTEROP_BASE_URL"].replace("/api/v1", "/compatible-mode/v1")
client = openai.OpenAI(api_key=key, base_url=base_url, max_retries=0)


def line(custom_id, url="/v1/chat/completions", **body):
    asked = {"model": "qwen-plus", "messages": [{"role": "user", "content": f"Say {custom_id}"}], **body}
    return json.dumps({"custom_id": custom_id, "method": "POST", "url": url, "body": asked})


def submit(lines, endpoint="/v1/chat/completions", **more):
    sent = io.BytesIO("\n".join(lines).encode())
    sent.name = "batch.jsonl"
    file = client.files.create(file=sent, purpose="batch")
    report.true("the file is understood", file.id.startswith("file-batch-") and file.purpose == "batch", str(file))
    return client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h", **more)


def ended(batch):
    seen = [batch.status]
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        batch = client.batches.retrieve(batch.id)
        seen.append(batch.status)
    return batch, seen


def results(file_id):
    return [json.loads(one) for one in client.files.content(file_id).text.strip().split("\n")]


def completes():
    batch = submit([line("a"), line("b"), line("bad", temperature=9)], metadata={"ds_name": "interop"})
    report.equal("a batch begins", (batch.object, batch.status), ("batch", "validating"))
    batch, seen = ended(batch)
    report.equal("it goes through its states", list(dict.fromkeys(seen)),
                 ["validating", "in_progress", "finalizing", "completed"])
    report.equal("its requests are counted", (batch.request_counts.total, batch.request_counts.completed,
                                              batch.request_counts.failed), (3, 2, 1))
    good = results(batch.output_file_id)
    report.equal("its answers are found by their ids", sorted(one["custom_id"] for one in good), ["a", "b"])
    report.true("they are chat completions",
                all(one["response"]["body"]["choices"][0]["message"]["content"] for one in good), str(good)[:500])
    report.equal("errors are in their file", [one["custom_id"] for one in results(batch.error_file_id)], ["bad"])
    report.equal("metadata are kept", batch.metadata, {"ds_name": "interop"})


def fails():
    batch, _ = ended(submit([line("a"), line("a")]))
    report.equal("a bad file fails its batch", batch.status, "failed")
    report.equal("and says why", [(one.code, one.line) for one in batch.errors.data], [("duplicate_custom_id", 2)])


def cancels():
    batch = submit([line(str(number)) for number in range(10)])
    cancelled = client.batches.cancel(batch.id)
    report.equal("a batch is cancelled", cancelled.status, "cancelling")
    report.equal("and ends so", ended(cancelled)[0].status, "cancelled")
    report.raises("once", openai.BadRequestError, lambda: client.batches.cancel(batch.id))


def lists():
    first = client.batches.list(limit=2)
    report.true("a page is understood", len(first.data) == 2 and first.has_more, str(first)[:500])
    everything = [batch.id for batch in client.batches.list(limit=2)]
    report.equal("all pages are, one after another", len(set(everything)), 3)


def refuses():
    report.raises("a file that is not there is refused", openai.BadRequestError, lambda: client.batches.create(
        input_file_id="file-batch-none", endpoint="/v1/chat/completions", completion_window="24h"))
    report.raises("a batch that is not there is not found", openai.NotFoundError,
                  lambda: client.batches.retrieve("batch_none"))
    stranger = openai.OpenAI(api_key="sk-wrong", base_url=base_url, max_retries=0)
    report.raises("a wrong key is refused", openai.AuthenticationError, lambda: stranger.batches.retrieve("batch_none"))
    stranger.close()


for scenario in (completes, fails, cancels, lists, refuses):
    report.run(scenario.__name__, scenario)
client.close()
report.equal("no connection is left", idle()["openConnections"], 0)
report.finish()
