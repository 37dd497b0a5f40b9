"""Sends each case of the comparison once. Its name is in the key, so that the server's record tells which it was."""
import json
import os


def send_all(report, client):
    with open(os.environ["INTEROP_CASES"], encoding="utf-8") as file:
        cases = json.load(file)
    for case in cases:
        report.run(f"request {case['name']}", send, report, client, case)


def send(report, client, case):
    arguments = {**case["arguments"], "api_key": f"wire-{case['name']}"}
    if "base_address" in arguments:
        arguments["base_address"] = os.environ["INTEROP_BASE_URL"] + arguments["base_address"]
    if case["stream"]:
        status = client.stream(**arguments)[-1]["status_code"]
    else:
        status = client.call(**arguments).status_code
    report.equal(f"request {case['name']}: accepted", status, 200)
