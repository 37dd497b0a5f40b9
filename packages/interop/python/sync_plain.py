"""The synchronous SDK as it is: a connection for each call."""
from scenarios import SUM, run_all
from support import Report, Sync, behavior, idle, reset, stats
from wire import send_all

report = Report()
client = Sync()


def connections():
    idle()
    reset()
    for _ in range(5):
        client.call(messages=SUM, result_format="message")
    client.stream(messages=SUM, result_format="message", incremental_output=True)
    seen = idle()
    report.equal("connections: one for each of 6 calls", (seen["totalRequests"], seen["totalConnections"]), (6, 6))
    report.equal("connections: never two at once", seen["maxOpenConnections"], 1)


def abandoned():
    idle()
    reset()
    stream = client.call(messages=SUM, result_format="message", incremental_output=True, stream=True,
                         headers=behavior(stream={"events": 100_000}))
    next(stream)
    stream.close()
    seen = idle()
    report.equal("a stream that is closed early ends its request", (seen["abortedRequests"], seen["openConnections"]),
                 (1, 0))


run_all(report, client)
report.run("connections", connections)
report.run("abandoned", abandoned)
report.run("wire", send_all, report, client)
report.equal("no connection is left", idle()["openConnections"], 0)
report.equal("no request is left", stats()["requestsInFlight"], 0)
report.finish()
