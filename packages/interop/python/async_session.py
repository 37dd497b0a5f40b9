"""The asynchronous SDK: over an `aiohttp.ClientSession` of the user's, and over the one that it shares by itself."""
import asyncio
import ssl

import aiohttp
import certifi
from dashscope import AioGeneration, close_shared_aio_session

from scenarios import SUM, run_all
from support import BASE_URL, CA_FILE, OTHER_URL, TLS_URL, Async, Report, behavior, close_idle, idle, reset, stats
from wire import send_all

report = Report()
loop = asyncio.new_event_loop()


def connector(**limits):
    return aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=certifi.where()), **limits)


async def session_of(**limits):
    return aiohttp.ClientSession(connector=connector(**limits))


async def ask(session=None, **arguments):
    answer = await AioGeneration.call(model="qwen-plus", messages=SUM, result_format="message", session=session,
                                      **arguments)
    return answer.status_code


async def reuse():
    reset()
    session = await session_of(limit=100, limit_per_host=30)
    try:
        report.equal("reuse: 20 calls", {await ask(session) for _ in range(20)}, {200})
        report.equal("reuse: an error in between", await ask(session, temperature=5), 400)
        report.equal("reuse: a call after it", await ask(session), 200)
        seen = stats()
        report.equal("reuse: 22 requests over 1 connection", (seen["totalRequests"], seen["totalConnections"]), (22, 1))
        report.equal("reuse: the SDK leaves the session open", session.closed, False)
        close_idle()
        # The loop has to see the end of the connection before it asks again.
        await asyncio.sleep(0.1)
        report.equal("reuse: a call after the server closed the connection", await ask(session), 200)
        report.equal("reuse: on a new one", stats()["totalConnections"], 2)
    finally:
        await session.close()
    report.equal("reuse: closing the session closes its connection", idle()["openConnections"], 0)


async def limits():
    slow = {"headers": behavior(latency=30)}
    reset()
    async with await session_of(limit=100, limit_per_host=4) as session:
        statuses = await asyncio.gather(*(ask(session, **slow) for _ in range(40)))
        seen = stats()
    report.equal("limit_per_host: 40 calls", statuses, [200] * 40)
    report.equal("limit_per_host: 4 connections, all used", (seen["maxOpenConnections"], seen["maxRequestsInFlight"]),
                 (4, 4))
    report.equal("limit_per_host: 4 connections in all", seen["totalConnections"], 4)

    idle()
    reset()
    async with await session_of(limit=3) as session:
        statuses = await asyncio.gather(
            *(ask(session, base_address=BASE_URL if i % 2 else OTHER_URL, **slow) for i in range(24)))
        seen = stats()
    report.equal("limit: 24 calls to two hosts", statuses, [200] * 24)
    # It counts the connections in use: idle ones to the other host stay open beside them.
    report.equal("limit: 3 requests at once", seen["maxRequestsInFlight"], 3)

    idle()
    reset()
    async with await session_of(limit=100, limit_per_host=2) as session:
        async def drain():
            stream = await AioGeneration.call(
                model="qwen-plus", messages=SUM, result_format="message", incremental_output=True, stream=True,
                session=session, headers=behavior(stream={"events": 5, "eventInterval": 10}))
            return len([item async for item in stream])

        counts = await asyncio.gather(*(drain() for _ in range(8)))
        seen = stats()
    report.equal("limit_per_host: 8 streams", counts, [6] * 8)
    report.equal("limit_per_host: streams hold their connection", seen["maxRequestsInFlight"], 2)


async def shared():
    idle()
    reset()
    report.equal("shared session: 5 calls", {await ask() for _ in range(5)}, {200})
    seen = stats()
    report.equal("shared session: 5 requests over 1 connection", (seen["totalRequests"], seen["totalConnections"]),
                 (5, 1))
    await close_shared_aio_session()
    report.equal("shared session: closing it closes its connection", idle()["openConnections"], 0)


async def tls():
    context = ssl.create_default_context(cafile=CA_FILE)
    # The default from Python 3.13 on.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        report.equal("TLS: a call, by the strict rules", await ask(session, base_address=TLS_URL), 200)
    try:
        async with await session_of() as session:
            await ask(session, base_address=TLS_URL)
        report.true("TLS: an unknown authority", False)
    except aiohttp.ClientConnectorCertificateError:
        report.true("TLS: an unknown authority", True)


async def interim():
    async with await session_of() as session:
        status = await ask(session, headers=behavior(fault={"_tag": "Informational"}))
    report.equal("a 103 before the answer", status, 200)


async def abandoned():
    idle()
    reset()
    async with await session_of() as session:
        stream = await AioGeneration.call(
            model="qwen-plus", messages=SUM, result_format="message", incremental_output=True, stream=True,
            session=session, headers=behavior(stream={"events": 100_000}))
        await stream.__anext__()
        await stream.aclose()
        # The SDK's own generator inside that one ends when the loop collects it.
        await loop.shutdown_asyncgens()
    seen = idle()
    report.equal("a stream that is closed early ends its request", (seen["abortedRequests"], seen["openConnections"]),
                 (1, 0))


def run(scenario):
    loop.run_until_complete(scenario())


documented = loop.run_until_complete(session_of(limit=100, limit_per_host=30))
run_all(report, Async(loop, documented))
report.equal("the SDK leaves the session open", documented.closed, False)
report.run("wire", send_all, report, Async(loop, documented))
loop.run_until_complete(documented.close())
idle()
for one in (reuse, limits, shared, tls, interim, abandoned):
    report.run(one.__name__, run, one)
report.equal("no connection is left", idle()["openConnections"], 0)
report.finish()
