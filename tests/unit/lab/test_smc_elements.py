"""Behaviours of the SMC that clients depend on: sessions, elements, searches, the trash."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from lab.clock import Clock
from lab.http import Request
from lab.smc.errors import STALE
from lab.smc.seeds import build_world
from lab.smc.simulator import OTHER
from lab.smc.system import Smc
from lab.smc.world import World
from lab.system import Setting
from tests.support.smc_client import ORIGIN, Client, frozen_client

HOST = {"name": "srv-01", "address": "10.93.2.11"}


@pytest.fixture
def client() -> Client:
    return frozen_client()


def test_anybody_may_list_the_versions_and_an_unknown_version_is_not_found(client: Client) -> None:
    anybody = Client(client.simulator)
    versions = client.simulator.handle(Request.to("GET", "/api", origin=ORIGIN)).json()["version"]
    assert versions[-2:] == [{"rel": v, "href": f"{ORIGIN}/{v}/api"} for v in ("7.4", "7.5")]
    assert anybody.send("GET", "/elements/host").status == 401
    client.simulator.behaviour.set(api_versions="7.4, 7.5")
    assert client.send("GET", f"{ORIGIN}/7.3/elements/host").status == 404
    assert client.send("GET", "/elements/host").status == 200


def test_entry_points_lead_to_lists_of_names(client: Client) -> None:
    points = {point["rel"]: point["href"] for point in client.get("/api")["entry_point"]}
    listed = client.get(points["network"])["result"]
    assert [entry["name"] for entry in listed] == ["Any network"]
    assert listed[0].keys() == {"href", "name", "type"}


def test_a_list_gives_whole_objects_on_demand_where_the_server_does(client: Client) -> None:
    properties, hosts = "/system/system_properties?expand=True", "/elements/host?expand=true"
    made = client.make("/elements/host", HOST)
    assert [each["name"] for each in client.get(properties)["element"]] == client.names("/system/system_properties")
    assert client.names(hosts) == [HOST["name"]]  # the vendor documents system properties alone
    client.simulator.behaviour.set(expand="all")
    assert client.get(hosts) == {"element": [client.get(made)]}
    policy = client.policy("ville", "a", "b")
    rules = client.get(f"{policy}/fw_ipv4_access_rule?expand=true")["element"]
    assert rules == [client.get(each["href"]) for each in client.get(f"{policy}/fw_ipv4_access_rule")["result"]]
    assert client.names("/elements/host") == [HOST["name"]]
    for switch, where in (({"expand": "ignored"}, hosts), ({"smc_version": "7.4.1"}, properties)):
        client.simulator.behaviour.set(**switch)
        assert client.get(where).keys() == {"result"}
    client.simulator.behaviour.set(expand="refused")
    assert "expand" in client.refused(client.send("GET", hosts))


def test_over_http_a_session_is_a_cookie_over_https_a_token() -> None:
    for origin, shown, ignored in (
        (ORIGIN, "Cookie", "Authorization"),
        ("https://smc.test", "Authorization", "Cookie"),
    ):
        client = frozen_client(origin=origin)
        assert client.session.keys() == {shown}
        assert client.send("GET", "/current_user").status == 200
        secret = client.session[shown].removeprefix("JSESSIONID=")
        client.session = {ignored: f"JSESSIONID={secret}" if ignored == "Cookie" else secret}
        assert client.send("GET", "/current_user").status == 401


def test_a_session_ends_by_logout_and_by_idleness(client: Client) -> None:
    clock = client.simulator.clock
    clock.advance(1000)
    assert client.send("GET", "/current_user").status == 200
    clock.advance(1700)
    assert client.send("GET", "/current_user").status == 200
    clock.advance(1801)
    assert client.send("GET", "/current_user").status == 401
    client.login()
    assert client.send("PUT", "/logout").status == 204
    assert client.send("GET", "/current_user").status == 401
    assert client.simulator.calls.of("smc") == {"reads": 4, "writes": 0, "sessions": 2}


def test_the_number_of_sessions_may_be_limited(client: Client) -> None:
    client.simulator.behaviour.set(most_sessions=1)
    body = {"authenticationkey": client.simulator.api_key}
    assert "sessions" in client.refused(client.send("POST", "/login", body), 503)
    client.send("PUT", "/logout")
    assert client.send("POST", "/login", body).status == 200


def test_a_wrong_key_and_a_wrong_password_are_refused() -> None:
    client = frozen_client()
    assert client.send("POST", "/login", {"authenticationkey": "autre"}).status == 401
    client.simulator.accounts["chef"] = "secret"
    assert client.send("POST", "/lms_login?login=chef&pwd=faux").status == 401
    assert client.send("POST", "/lms_login?login=chef&pwd=secret&domain=Shared%20Domain").status == 200


def test_an_element_shows_with_the_additions_of_the_system(client: Client) -> None:
    href = client.make("/elements/host", {**HOST, "comment": None})
    read = client.get(href)
    links = {link["rel"]: link for link in read.pop("link")}
    assert links["self"] == {"rel": "self", "href": href, "type": "host"}
    assert {"history", "lock", "unlock"} <= links.keys()
    assert read == {
        **HOST,
        "secondary": [],
        "third_party_monitoring": {"netflow": False, "snmp_trap": False},
        "key": int(href.rpartition("/")[2]),
        "admin_domain": client.named("admin_domain", "Shared Domain"),
        **dict.fromkeys(("locked", "read_only", "system", "trashed"), False),
    }


def test_a_name_is_unique_in_its_name_space(client: Client) -> None:
    client.make("/elements/host", HOST)
    for kind, body in (("host", HOST), ("network", {"name": "srv-01", "ipv4_network": "10.93.2.0/24"})):
        assert client.refused(client.send("POST", f"/elements/{kind}", body)) == (
            "Impossible to store the element srv-01. Element name srv-01 is already used."
        )
    client.make("/elements/tcp_service", {"name": "srv-01", "min_dst_port": 80})
    href = client.make("/elements/router", {"name": "r", "address": "10.93.2.254"})
    assert "already used" in client.refused(client.put(href, {"name": "srv-01", "address": "10.93.2.254"}))


def test_an_unknown_attribute_is_refused_with_its_place(client: Client) -> None:
    assert client.refused(client.send("POST", "/elements/host", {**HOST, "adress": "x"})) == (
        "Invalid JSON format: At line 1 and column 45, adress is not recognized as JSON attribute."
    )
    text = b'{\n "name": "h",\n  "adress": "x"}'
    answer = client.simulator.handle(
        Request.to("POST", "/7.4/elements/host", headers=client.session, body=text, origin=ORIGIN)
    )
    assert "At line 3 and column 3, adress" in answer.json()["message"]
    client.simulator.behaviour.set(unknown_attributes="ignore")
    assert "adress" not in client.get(client.make("/elements/host", {**HOST, "adress": "x"}))


def test_values_are_converted_to_their_type(client: Client) -> None:
    href = client.make("/elements/icmp_service", {"name": "ping", "icmp_type": "8", "icmp_code": ""})
    read = client.get(href)
    assert read["icmp_type"] == 8
    assert "icmp_code" not in read
    assert "icmp_type" in client.refused(client.send("POST", "/elements/icmp_service", {"name": "x", "icmp_type": []}))


def test_an_href_to_nothing_is_refused(client: Client) -> None:
    href = client.make("/elements/host", HOST)
    for wrong in (f"{ORIGIN}/7.4/elements/host/99999", href.replace("smc.test", "autre.test")):
        answer = client.send("POST", "/elements/group", {"name": "g", "element": [wrong]})
        assert "Invalid reference" in client.refused(answer)
    other_version = href.replace("/7.4/", "/7.3/")
    group = client.make("/elements/group", {"name": "g", "element": [other_version]})
    assert client.get(group)["element"] == [href]


def test_members_are_a_set_and_a_circle_is_refused(client: Client) -> None:
    first, second = (client.make("/elements/host", {"name": f"h{n}", "address": f"10.0.0.{n}"}) for n in (1, 2))
    inner = client.make("/elements/group", {"name": "g", "element": [second, first, second]})
    assert client.get(inner)["element"] == [first, second]
    outer = client.make("/elements/group", {"name": "h", "element": [inner]})
    assert "contains itself" in client.refused(client.put(inner, {"name": "g", "element": [outer]}))


def test_a_write_with_a_stale_etag_is_refused(client: Client) -> None:
    href = client.make("/elements/host", HOST)
    stale = client.etag(href)
    assert client.send("GET", href, **{"If-None-Match": stale}).status == 304
    assert client.put(href, {**HOST, "address": "10.93.2.12"}, stale).status == 200
    assert client.refused(client.put(href, HOST, stale), 409) == STALE
    assert client.refused(client.send("DELETE", href, **{"If-Match": stale}), 409) == STALE
    assert "mandatory" in client.refused(client.send("DELETE", href))
    # The server ignores the header that the vendor's library sends instead: its stale write passes.
    assert client.send("PUT", href, HOST, Etag=stale).status == 200
    client.simulator.behaviour.set(put_needs_if_match=True)
    assert "mandatory" in client.refused(client.send("PUT", href, HOST, Etag=stale))
    assert client.send("DELETE", href, **{"If-Match": client.etag(href).strip('"')}).status == 204


def test_a_put_resets_absent_attributes_unless_switched(client: Client) -> None:
    href = client.make("/elements/host", {**HOST, "comment": "serveur", "secondary": ["10.93.2.15"]})
    assert client.put(href, HOST).status == 200
    read = client.get(href)
    assert ("comment" in read, read["secondary"]) == (False, [])
    client.simulator.behaviour.set(full_put=False)
    client.put(href, {"name": "srv-01", "comment": "gardé"})
    assert client.get(href)["address"] == "10.93.2.11"


def test_an_element_in_use_is_not_deleted(client: Client) -> None:
    host = client.make("/elements/host", HOST)
    group = client.make("/elements/group", {"name": "g", "element": [host]})
    assert "g (group)" in client.refused(client.delete(host))
    users = client.send("POST", "/system/references_by_element", {"value": host}).json()
    assert users == {"result": [{"href": group, "name": "g", "type": "group"}]}
    assert client.simulator.calls.log[-1].kind == "read"
    client.simulator.behaviour.set(in_use_status=409)
    client.refused(client.delete(host), 409)
    assert client.delete(group).status == 204
    assert client.delete(host).status == 204


def test_the_trash_has_the_deleted_elements(client: Client) -> None:
    href = client.make("/elements/host", HOST)
    client.delete(href)
    assert client.names("/elements/host") == []
    assert client.get(href)["trashed"] is True
    assert client.send("PUT", href, HOST).status == 404
    assert "Invalid reference" in client.refused(
        client.send("POST", "/elements/group", {"name": "g", "element": [href]})
    )
    assert client.names("/system/browse_trash_bin") == ["srv-01"]
    client.simulator.behaviour.set(trash_reserves_name=True)
    assert "already used" in client.refused(client.send("POST", "/elements/host", HOST))
    assert client.send("DELETE", "/system/empty_trash_bin").status == 204
    assert client.send("GET", href).status == 404
    client.make("/elements/host", HOST)


def test_system_elements_take_references_and_no_write(client: Client) -> None:
    href = client.named("network", "Any network")
    read = client.get(href)
    assert (read["system"], read["read_only"], read["system_key"]) == (True, True, read["key"])
    assert "read-only" in client.refused(client.put(href, {"name": "Any network"}))
    assert "read-only" in client.refused(client.delete(href))
    client.make("/elements/group", {"name": "g", "element": [href]})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("filter=srv", ["srv-01", "srv-02"]),
        ("filter=SRV", ["srv-01", "srv-02"]),
        ("filter=srv&limit=1", ["srv-01"]),
        ("filter=10.93.2.12", ["srv-02"]),
        ("filter=srv-0*", ["srv-01", "srv-02"]),
        ("filter=srv&exact_match=true", []),
        ("filter=srv-01&exact_match=True", ["srv-01"]),
        ("filter=SRV-01&exact_match=true", []),
        ("filter=SRV-01&exact_match=true&case_sensitive=false", ["srv-01"]),
    ],
)
def test_searches_find_by_name_and_address(client: Client, query: str, names: list[str]) -> None:
    client.make("/elements/host", HOST)
    client.make("/elements/host", {"name": "srv-02", "address": "10.93.2.12"})
    assert client.names(f"/elements/host?{query}") == names
    assert client.names(f"/elements?filter_context=network_elements&{query}") == names
    assert client.names(f"/elements?filter_context=services&{query}") == []


def test_unused_and_duplicate_elements_are_found(client: Client) -> None:
    hosts = [client.make("/elements/host", {"name": n, "address": "10.93.2.11"}) for n in ("a", "b")]
    client.make("/elements/group", {"name": "g", "element": hosts[:1]})
    assert client.names("/elements/search_unused") == ["b", "g"]
    assert client.names("/elements/search_duplicate") == ["a", "b"]


def test_an_ip_list_has_a_content_of_its_own(client: Client) -> None:
    href = client.make("/elements/ip_list", {"name": "liste"})
    before = client.etag(href)
    content = f"{href}/ip_address_list"
    assert client.send("GET", content, Accept="application/json").json() == {"ip": []}
    assert client.send("POST", content, {"ip": ["10.0.0.1", "10.1.0.0/16"]}).status == 204
    assert client.send("GET", content, Accept="application/json").json() == {"ip": ["10.0.0.1", "10.1.0.0/16"]}
    assert client.send("GET", content, Accept="text/plain").body == b"10.0.0.1\n10.1.0.0/16\n"
    assert client.etag(href) != before
    assert "ip" not in client.get(href)
    assert "not recognized" in client.refused(client.send("POST", content, {"adresses": []}))


def test_history_shows_who_and_when(client: Client) -> None:
    href = client.make("/elements/host", HOST)
    client.simulator.clock.advance(60)
    client.simulator.edit("PUT", href.removeprefix(f"{ORIGIN}/7.4"), {**HOST, "address": "10.93.2.99"})
    history = client.get(f"{href}/history")
    assert (history["creator_name"], history["modifier_name"]) == ("piste", OTHER)
    assert history["creation_time"] == "2026-09-21 14:13:20 (GMT)"
    assert history["last_modification_time"] == "2026-09-21 14:14:20 (GMT)"


def test_secrets_never_come_back(client: Client) -> None:
    body = {"name": "radius", "address": "10.93.2.13", "shared_secret": "x" * 16}
    href = client.make("/elements/radius_server", body)
    assert "shared_secret" not in client.get(href)
    client.put(href, {"name": "radius", "address": "10.93.2.14"})
    kept = client.simulator.world[int(href.rpartition("/")[2])]["data"]
    assert kept["shared_secret"] == client.simulator.world.seal("x" * 16)
    assert "x" * 16 not in json.dumps(client.simulator.world.data)


def test_requests_are_classified(client: Client) -> None:
    client.simulator.calls.clear()
    href = client.make("/elements/host", HOST)
    client.get(href)
    client.send("DELETE", href)
    assert client.simulator.calls.of("smc") == {"reads": 1, "writes": 2, "sessions": 0}


def test_an_unknown_path_is_not_found(client: Client) -> None:
    def status(method: str, path: str) -> int:
        return client.send(method, path).status

    assert status("GET", "/elements/licorne") == 404
    assert status("GET", "/elements/host/99999") == 404
    assert status("PATCH", "/elements/host") == 405
    assert status("GET", "/system/licorne") == 404
    policy = client.policy()
    assert status("GET", f"{policy}/upload") == 405
    assert status("GET", f"{policy}/licorne") == 404
    for body in ([1], {"name": "\ud800"}):
        assert "Invalid JSON" in client.refused(client.send("POST", "/elements/host", body))


def test_state_survives_as_json_and_a_seed_is_deterministic(client: Client) -> None:
    policy = client.policy("ville", "a", "b")
    client.simulator.world = World(json.loads(json.dumps(client.simulator.world.data)))
    assert client.rules(policy) == ["a", "b"]
    template = client.named("fw_template_policy", "Firewall Template")
    assert "ville" not in client.refused(client.send("DELETE", template, **{"If-Match": "*"}))
    clock = Clock()
    clock.freeze(0.0)
    first, second = (build_world("empty", clock).data for _ in range(2))
    assert {**first, "salt": ""} == {**second, "salt": ""}


def test_the_lab_describes_it_and_starts_it_again(tmp_path: Any) -> None:
    clock = Clock()
    setting = Setting(tmp_path, clock, frozen_client().simulator.calls, lambda name: f"clé {name}", lambda: [])
    smc = Smc(setting)
    assert smc.describe("http://a", "https://a") == {
        "url": "https://a",
        "http_url": "http://a",
        "api_key": "clé api_key",
        "api_versions": ["6.10", "7.0", "7.1", "7.3", "7.4", "7.5"],
    }
    before = smc.image()
    smc.simulator.edit("POST", "/elements/host", HOST)
    assert smc.image() != before
    written = smc.state()
    smc.simulator.edit("POST", "/elements/host", {**HOST, "name": "srv-02"})
    assert not any(each["data"].get("name") == "srv-02" for each in written["elements"].values())
    kept = Smc(dataclasses.replace(setting, kept=json.loads(json.dumps(smc.state()))))
    assert kept.simulator.look("/elements/host")["result"][0]["name"] == "srv-01"
    kept.reset("empty")
    assert kept.simulator.look("/elements/host")["result"] == []
