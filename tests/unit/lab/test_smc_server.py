"""The simulated SMC in the lab: with and without TLS, under the commands of the lab."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from lab import Lab
from tests.support.meraki_client import small_inventory


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab("brownfield", tls=True, inventory=small_inventory(), others=["smc"]) as running:
        yield running


class Connection:
    """A session over a single connection, as a client of the vendor keeps it."""

    def __init__(self, lab: Lab, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=lab.info["ca_file"])
            self._connection = http.client.HTTPSConnection(parts.netloc, timeout=5, context=context)
        else:
            self._connection = http.client.HTTPConnection(parts.netloc, timeout=5)
        self.session: dict[str, str] = {}
        body = {"domain": "Shared Domain", "authenticationkey": lab.info["smc"]["api_key"]}
        status, headers, _ = self.ask("POST", "/7.4/login", body)
        assert status == 200
        token = headers.get("Authorization")
        cookie = headers.get("Set-Cookie", "").partition(";")[0]
        self.session = {"Authorization": token} if token else {"Cookie": cookie}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, Any]:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, {**self.session, **headers})
        response = self._connection.getresponse()
        content = response.read()
        return response.status, response.headers, json.loads(content) if content else None


def control(lab: Lab, command: str, **given: Any) -> Any:
    connection = http.client.HTTPConnection(urlsplit(lab.info["meraki"]["http_url"]).netloc, timeout=5)
    headers = {"Authorization": f"Bearer {lab.control_token}"}
    connection.request("POST", f"/_lab/{command}", json.dumps(given), headers)
    return json.loads(connection.getresponse().read())["result"]


@pytest.mark.parametrize(("where", "shown"), [("url", "Authorization"), ("http_url", "Cookie")])
def test_both_ways_in_lead_to_the_same_server(lab: Lab, where: str, shown: str) -> None:
    url = lab.info["smc"][where]
    client = Connection(lab, url)
    assert client.session.keys() == {shown}
    _, _, listed = client.ask("GET", "/7.4/elements/fw_policy")
    assert [entry["name"] for entry in listed["result"]] == ["POL_VILLE_LB", "POL_TEST_2021"]
    assert listed["result"][0]["href"].startswith(f"{url}/7.4/elements/fw_policy/")
    status, headers, body = client.ask("PUT", "/7.4/logout")
    assert (status, body) == (204, None)
    assert "Content-Length" not in headers


def test_the_labs_commands_reach_it(lab: Lab) -> None:
    client = Connection(lab, lab.info["smc"]["http_url"])
    control(lab, "forget")
    control(lab, "fault", kind="status", system="smc", status=503, path="/elements/host")
    assert client.ask("GET", "/7.4/elements/host")[0] == 503
    assert client.ask("GET", "/7.4/elements/host")[0] == 200
    assert control(lab, "calls")["smc"] == {"reads": 2, "writes": 0, "sessions": 0}
    assert control(lab, "set", **{"smc.smc_version": "7.4.1"})["smc.smc_version"] == "7.4.1"
    assert client.ask("GET", "/7.4/system/smc_version")[2]["value"].startswith("7.4.1 ")
    control(lab, "reset", seed="empty")
    assert client.ask("GET", "/7.4/elements/fw_policy")[0] == 401
    client = Connection(lab, lab.info["smc"]["http_url"])
    assert client.ask("GET", "/7.4/elements/fw_policy")[2] == {"result": []}
    assert control(lab, "calls")["smc"] == {"reads": 2, "writes": 0, "sessions": 1}
