"""The synchronous SDK over a `requests.Session` of the user's, as the documentation reuses connections."""
from concurrent.futures import ThreadPoolExecutor

import requests
from requests.adapters import HTTPAdapter

from scenarios import SUM, run_all
from support import CA_FILE, TLS_URL, Report, Sync, behavior, close_idle, idle, reset, stats

report = Report()


def ask(client, **arguments):
    return client.call(messages=SUM, result_format="message", **arguments).status_code


def reuse():
    idle()
    reset()
    session = requests.Session()
    try:
        client = Sync(session)
        report.equal("reuse: 20 calls", {ask(client) for _ in range(20)}, {200})
        client.stream(messages=SUM, result_format="message", incremental_output=True)
        report.equal("reuse: an error in between", ask(client, temperature=5), 400)
        report.equal("reuse: a call after it", ask(client), 200)
        seen = stats()
        report.equal("reuse: 23 requests over 1 connection", (seen["totalRequests"], seen["totalConnections"]), (23, 1))
        report.equal("reuse: the SDK leaves the session open", seen["openConnections"], 1)

        close_idle()
        idle()
        report.equal("reuse: a call after the server closed the connection", ask(client), 200)
        report.equal("reuse: on a new one", stats()["totalConnections"], 2)
    finally:
        session.close()
    report.equal("reuse: closing the session closes its connection", idle()["openConnections"], 0)


def limit():
    idle()
    reset()
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=3, pool_block=True))
        client = Sync(session)
        with ThreadPoolExecutor(12) as threads:
            slow = {"headers": behavior(latency=20)}
            statuses = list(threads.map(lambda _: ask(client, **slow), range(36)))
        seen = stats()
    report.equal("limit: 36 calls of 12 threads", statuses, [200] * 36)
    report.equal("limit: 3 connections, all used", (seen["maxOpenConnections"], seen["maxRequestsInFlight"]), (3, 3))
    report.equal("limit: no connection was replaced", seen["totalConnections"], 3)


def tls():
    with requests.Session() as session:
        session.verify = CA_FILE
        report.equal("TLS: a call", ask(Sync(session), base_address=TLS_URL), 200)
    with requests.Session() as session:
        report.raises("TLS: an unknown authority", requests.exceptions.SSLError,
                      lambda: ask(Sync(session), base_address=TLS_URL))


with requests.Session() as shared:
    run_all(report, Sync(shared))
report.run("reuse", reuse)
report.run("limit", limit)
report.run("tls", tls)
report.equal("no connection is left", idle()["openConnections"], 0)
report.finish()
