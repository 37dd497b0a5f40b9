"""The synchronous SDK as it is: a connection for each call in the 1.x line, one session of the process since."""
import dashscope

from scenarios import SUM, run_all
from support import Report, Sync, behavior, idle, reset, stats
from wire import send_all

report = Report()
client = Sync()


# None in the 1.x line.
close_shared_session = getattr(dashscope, "close_shared_sync_session", None)


def idle_now():
    """Once nothing is connected; the session of the process would keep its connections."""
    if close_shared_session is not None:
        close_shared_session()
    return idle()


def connections():
    idle_now()
    reset()
    for _ in range(5):
        client.call(messages=SUM, result_format="message")
    client.stream(messages=SUM, result_format="message", incremental_output=True)
    seen = idle_now()
    expected = (6, 6) if close_shared_session is None else (6, 1)
    report.equal("connections: as the line of the SDK has them", (seen["totalRequests"], seen["totalConnections"]), expected)
    report.equal("connections: never two at once", seen["maxOpenConnections"], 1)


def abandoned():
    idle_now()
    reset()
    stream = client.call(messages=SUM, result_format="message", incremental_output=True, stream=True,
                         headers=behavior(stream={"events": 100_000}))
    next(stream)
    stream.close()
    seen = idle_now()
    report.equal("a stream that is closed early ends its request", (seen["abortedRequests"], seen["openConnections"]),
                 (1, 0))


run_all(report, client)
report.run("connections", connections)
report.run("abandoned", abandoned)
report.run("wire", send_all, report, client)
report.equal("no connection is left", idle_now()["openConnections"], 0)
report.equal("no request is left", stats()["requestsInFlight"], 0)
report.finish()
