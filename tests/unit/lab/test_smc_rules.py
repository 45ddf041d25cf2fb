"""Ordered rules of the simulated SMC: place, tag, moves, cells, locks, versions."""

from __future__ import annotations

from typing import Any

import pytest

from lab.smc import versions
from lab.smc.errors import STALE
from tests.support.smc_client import ANY, ORIGIN, TEMPLATE, Client, frozen_client

ACCESS, NAT = "fw_ipv4_access_rule", "fw_ipv4_nat_rule"


@pytest.fixture
def client() -> Client:
    return frozen_client()


def hrefs(client: Client, policy: str, kind: str = ACCESS) -> list[str]:
    return [entry["href"] for entry in client.get(f"{policy}/{kind}")["result"]]


def test_a_policy_links_its_four_lists_and_its_actions(client: Client) -> None:
    policy = client.policy()
    links = {link["rel"]: link["href"] for link in client.get(policy)["link"]}
    for kind in (ACCESS, NAT, "fw_ipv6_access_rule", "fw_ipv6_nat_rule"):
        assert links[f"{kind}s"] == f"{policy}/{kind}"
    wanted = {
        "save_as",
        "search_rule",
        "upload",
        "open",
        "save",
        "force_unlock",
        "lock",
        "unlock",
        "validate",
        "export",
    }
    assert wanted <= links.keys()


def test_a_rule_without_a_place_comes_first_others_go_to_their_place(client: Client) -> None:
    policy = client.policy("ville", "a")
    client.rule(policy, "b")
    assert client.rules(policy) == ["b", "a"]
    b, a = (client.tag(href) for href in hrefs(client, policy))
    client.rule(policy, "c", f"?after={b}")
    client.rule(policy, "d", f"?before={a}")
    client.rule(policy, "e", rank=2.0)
    client.rule(policy, "f", rank=99)
    client.rule(policy, "g", rank=1.5)
    assert client.rules(policy) == ["b", "g", "e", "c", "d", "a", "f"]
    assert [client.get(href)["rank"] for href in hrefs(client, policy)] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    body = {"name": "x", **ANY}
    assert client.send("POST", f"{policy}/{ACCESS}?after=1.0", body).status == 404


def test_links_of_a_rule_add_beside_it(client: Client) -> None:
    policy = client.policy("ville", "a", "b")
    links = {link["rel"]: link["href"] for link in client.get(hrefs(client, policy)[0])["link"]}
    client.make(links["add_after"], {"name": "après", **ANY})
    client.make(links["add_before"], {"name": "avant", **ANY})
    assert client.rules(policy) == ["avant", "a", "après", "b"]


def test_the_first_part_of_a_tag_lasts_the_second_counts_changes(client: Client) -> None:
    policy = client.policy("ville", "a", "b")
    href = hrefs(client, policy)[0]
    first, _, version = client.tag(href).partition(".")
    assert version == "0"
    assert href.endswith(f"/{first}")
    assert client.get(href)["key"] != int(first)
    client.change(href, comment="changée")
    assert client.tag(href) == f"{first}.1"
    client.change(href, rank=3.0)
    assert client.rules(policy) == ["b", "a"]
    assert client.tag(href) == f"{first}.2"
    client.rule(policy, "c", f"?after={first}.0")
    assert client.rules(policy) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("at", "rank", "tie", "order"),
    [
        (0, 2.5, "before", "bacde"),
        (0, 3.0, "before", "bacde"),
        (0, 3.0, "after", "bcade"),
        (4, 1.0, "before", "eabcd"),
        (4, 1.0, "after", "aebcd"),
        (1, 0.5, "before", "bacde"),
        (1, 99.0, "before", "acdeb"),
        (2, 3.0, "before", "abcde"),
        (3, 4.5, "before", "abcde"),
    ],
)
def test_a_written_rank_moves_a_rule(client: Client, at: int, rank: float, tie: str, order: str) -> None:
    client.simulator.behaviour.set(rank_tie=tie)
    policy = client.policy("ville", *"abcde")
    client.change(hrefs(client, policy)[at], rank=rank)
    assert "".join(client.rules(policy)) == order


def test_a_move_keeps_the_other_etags_unless_switched(client: Client) -> None:
    policy = client.policy("ville", *"abcde")
    rows = hrefs(client, policy)
    before = [client.etag(href) for href in rows]
    client.change(rows[0], rank=3.5)
    after = [client.etag(href) for href in rows]
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, True, True, True, True]
    client.simulator.behaviour.set(renumber_changes_etags=True)
    client.change(rows[0], rank=0.5)
    again = [client.etag(href) for href in rows]
    assert [old == new for old, new in zip(after, again, strict=True)] == [False, False, False, True, True]


def test_a_stale_rule_is_refused_and_a_write_changes_the_etag_of_the_policy(client: Client) -> None:
    policy = client.policy("ville", "a")
    href, of_policy = hrefs(client, policy)[0], client.etag(policy)
    stale = client.etag(href)
    client.change(href, comment="x")
    assert client.etag(policy) != of_policy
    assert client.refused(client.put(href, {"name": "a", **ANY}, stale), 409) == STALE
    assert "mandatory" in client.refused(client.send("DELETE", href))
    assert client.delete(href).status == 204
    assert client.rules(policy) == []
    assert client.send("GET", href).status == 404


def test_re_rank_wants_every_tag_once(client: Client) -> None:
    policy = client.policy("ville", *"abc")
    tags = {name: client.tag(href) for name, href in zip("abc", hrefs(client, policy), strict=True)}
    target = f"{policy}/{ACCESS}/re_rank"

    def ranked(*names: str) -> Any:
        return client.send("POST", target, {"values": [tags[name] for name in names]})

    assert ranked("c", "a", "b").status == 200
    assert client.rules(policy) == ["c", "a", "b"]
    assert client.tag(hrefs(client, policy)[0]) == tags["c"]
    assert "more than once" in client.refused(ranked("a", "b", "b"))
    assert "does not match" in client.refused(ranked("a", "b"))
    assert "empty" in client.refused(ranked())
    client.simulator.edit("PUT", f"{policy.removeprefix(f'{ORIGIN}/7.4')}/lock")
    assert "locked" in client.refused(ranked("a", "b", "c"), 409)
    client.simulator.behaviour.set(smc_version="7.4.1")
    assert ranked("a", "b", "c").status == 404
    assert client.rules(policy) == ["c", "a", "b"]


def test_a_section_is_a_rule_with_a_comment_alone(client: Client) -> None:
    policy = client.policy("ville", "a")
    href = client.make(f"{policy}/{ACCESS}", {"comment": "Écoles", "background_color": "#5EF527"})
    read = client.get(href)
    assert not {"sources", "destinations", "services", "action", "is_disabled", "name"} & read.keys()
    assert (read["comment"], read["rank"], read["background_color"]) == ("Écoles", 1.0, "#5EF527")
    assert client.rules(policy) == [f"Rule @{read['tag']}", "a"]
    last = client.make(f"{policy}/{ACCESS}", {"comment": "Autres", "rank": 9.0})
    assert client.get(last)["rank"] == 3.0
    client.change(last, rank=1.0)
    assert hrefs(client, policy)[:2] == [last, href]


def test_a_rule_shows_all_its_cells(client: Client) -> None:
    host = client.make("/elements/host", {"name": "h", "address": "10.0.0.1"})
    policy = client.policy()
    read = client.get(client.rule(policy, "r", sources={"src": [host]}))
    assert read["sources"] == {"src": [host]}
    assert read["destinations"] == {"any": True}
    assert read["parent_policy"] == policy
    assert read["action"]["action"] == ["allow"]
    assert read["action"]["connection_tracking_options"]["timeout"] == -1
    assert read["options"]["log_level"] == "undefined"
    assert read["is_disabled"] is False
    point = client.get(read["parent_insert_point"])
    assert (point["type"], point["system"]) == ("normal", True)


def test_cells_are_sets_without_a_value_twice(client: Client) -> None:
    first, second, twin = (
        client.make("/elements/host", {"name": name, "address": address})
        for name, address in (("a", "10.0.0.1"), ("b", "10.0.0.2"), ("c", "10.0.0.1"))
    )
    policy = client.policy()
    href = client.rule(policy, "r", sources={"any": False, "src": [second, first, second]})
    assert client.get(href)["sources"] == {"src": [first, second]}
    body = {"name": "x", **ANY, "sources": {"src": [first, twin]}}
    assert "Database problem" in client.refused(client.send("POST", f"{policy}/{ACCESS}", body))
    nothing = client.rule(policy, "n", sources={"src": []})
    assert client.get(nothing)["sources"] == {"none": True}


def test_a_translation_shows_the_address_of_its_element(client: Client) -> None:
    inside, outside = (
        client.make("/elements/host", {"name": name, "address": address})
        for name, address in (("dedans", "10.0.0.1"), ("dehors", "192.0.2.1"))
    )
    static = {
        "automatic_proxy": True,
        "original_value": {"element": outside, "min_port": "2222", "max_port": "2222"},
        "translated_value": {"element": inside},
    }
    policy = client.policy()
    body = {"name": "n", **ANY, "destinations": {"dst": [outside]}, "options": {"static_dst_nat": static}}
    read = client.get(client.make(f"{policy}/{NAT}", body))
    assert read["options"]["static_dst_nat"] == {
        "automatic_proxy": True,
        "original_value": {"element": outside, "ip_descriptor": "192.0.2.1", "min_port": 2222, "max_port": 2222},
        "translated_value": {"element": inside, "ip_descriptor": "10.0.0.1"},
    }
    assert read["used_on"] == {"any": True}
    assert "action" not in read
    assert client.rules(policy) == []
    body["destinations"] = {"any": True}
    assert "needs a destination" in client.refused(client.send("POST", f"{policy}/{NAT}", body))


def test_a_jump_wants_a_sub_policy_which_is_then_kept(client: Client) -> None:
    policy = client.policy()
    jump = {"name": "j", **ANY, "action": {"action": ["jump"]}}
    assert "sub-policy" in client.refused(client.send("POST", f"{policy}/{ACCESS}", jump))
    sub = client.make("/elements/sub_ipv4_fw_policy", {"name": "écoles"})
    client.rule(sub, "dedans")
    jump["action"] = {"action": ["jump"], "sub_policy": sub}
    client.make(f"{policy}/{ACCESS}", jump)
    assert "j (fw_ipv4_access_rule)" in client.refused(client.delete(sub))
    assert client.send("GET", f"{sub}/{NAT}").status == 404


def test_own_templates_have_insert_points(client: Client) -> None:
    base = client.named("fw_template_policy", TEMPLATE)
    template = client.make("/elements/fw_template_policy", {"name": "modèle", "template": base})
    point = client.make(f"{template}/{ACCESS}", {"name": "sites", "type": "normal"})
    other = client.make(f"{template}/{ACCESS}?after={client.tag(point)}", {"name": "autres", "type": "normal"})
    policy = client.make("/elements/fw_policy", {"name": "ville", "template": template})
    assert client.get(client.rule(policy, "a"))["parent_insert_point"] == point
    placed = client.rule(policy, "b", f"?insert_point={client.tag(other)}")
    assert client.get(placed)["parent_insert_point"] == other
    before = len(client.simulator.world.elements)
    assert client.send("POST", f"{policy}/{ACCESS}?insert_point=rien", {"name": "x", **ANY}).status == 404
    assert len(client.simulator.world.elements) == before
    assert "belongs to a template" in client.refused(
        client.send("POST", f"{policy}/{ACCESS}", {"name": "x", "type": "normal"})
    )
    assert "read-only" in client.refused(client.send("POST", f"{base}/{ACCESS}", {"name": "x", **ANY}))
    assert "ville (fw_policy)" in client.refused(client.delete(template))


def test_search_finds_a_rule_by_tag_and_by_name(client: Client) -> None:
    policy = client.policy("ville", "web", "dns")
    href = hrefs(client, policy)[0]
    static = client.tag(href).partition(".")[0]
    assert client.names(f"{policy}/search_rule?filter=@{static}") == ["web"]
    assert client.names(f"{policy}/search_rule?filter=DN") == ["dns"]
    assert client.names(f"{policy}/search_rule?filter=rien") == []


def test_a_copy_keeps_the_order_and_changes_alone(client: Client) -> None:
    policy = client.policy("ville", *"abc")
    copy = client.make(f"{policy}/save_as?name=copie", {})
    assert client.rules(copy) == ["a", "b", "c"]
    client.delete(hrefs(client, copy)[0])
    assert client.rules(policy) == ["a", "b", "c"]
    assert "already used" in client.refused(client.send("POST", f"{policy}/save_as?name=copie"))


def test_a_lock_keeps_the_others_out_rules_too(client: Client) -> None:
    policy = client.policy("ville", "a")
    href, path = hrefs(client, policy)[0], policy.removeprefix(f"{ORIGIN}/7.4")
    client.simulator.edit("PUT", f"{path}/lock?reason_for=travaux")
    assert client.get(policy)["locked"] is True
    locked = "The element ville is locked by autre administrateur (travaux)."
    assert client.refused(client.put(href, {"name": "a", **ANY}), 409) == locked
    assert client.refused(client.delete(href), 409) == locked
    assert client.refused(client.send("POST", f"{policy}/{ACCESS}", {"name": "b", **ANY}), 409) == locked
    client.refused(client.send("PUT", f"{policy}/unlock"), 409)
    client.refused(client.send("PUT", f"{policy}/lock"), 409)
    assert client.send("POST", f"{policy}/force_unlock").status == 200
    assert client.send("PUT", f"{policy}/lock?reason_for=piste").status == 200
    client.rule(policy, "b")
    client.simulator.behaviour.set(lock_blocks_owner=True)
    client.refused(client.send("POST", f"{policy}/{ACCESS}", {"name": "c", **ANY}), 409)
    assert client.send("PUT", f"{policy}/unlock").status == 200
    assert client.rules(policy) == ["b", "a"]


@pytest.mark.parametrize(
    ("version", "locks", "re_rank", "children"),
    [
        ("6.10.9", False, False, False),
        ("6.10.10", True, False, False),
        ("7.0.1", False, False, False),
        ("7.0.2", True, False, False),
        ("7.1.5", True, False, False),
        ("7.1.6", True, False, True),
        ("7.1.11", True, True, True),
        ("7.3.4", True, False, True),
        ("7.4.1", True, False, True),
        ("7.4.2", True, True, True),
        ("7.5.0", True, False, True),
        ("7.5.1", True, True, True),
        ("7.7.0", True, True, True),
    ],
)
def test_the_servers_version_says_what_it_offers(version: str, locks: bool, re_rank: bool, children: bool) -> None:
    features = (versions.LOCKS, versions.RE_RANK, versions.TASK_CHILDREN)
    assert tuple(versions.offers(version, feature) for feature in features) == (locks, re_rank, children)


def test_a_rule_shows_in_the_form_of_each_version() -> None:
    new = frozen_client(api="7.4")
    policy = new.policy()
    engine = new.make("/elements/single_fw", {"name": "fw", "nodes": [], "physicalInterfaces": []})
    action = {
        "action": ["block_list"],
        "valid_block_lister": [engine],
        "network_application_latency_monitoring": "true",
    }
    href = new.rule(policy, "r", action=action)

    def shown(api: str) -> dict[str, Any]:
        new.simulator.behaviour.set(api_versions="6.5,6.10,7.0,7.1,7.4")
        old = Client(new.simulator, api).login()
        read: dict[str, Any] = old.get(href.replace("/7.4/", f"/{api}/"))["action"]
        return read

    assert shown("7.4")["action"] == ["block_list"]
    assert shown("7.0")["network_application_latency_monitoring"] is True
    six = shown("6.10")
    assert six["action"] == ["blacklist"]
    options = Client(new.simulator, "6.10").login().get(href.replace("/7.4/", "/6.10/"))["options"]
    assert options["log_payload_additionnal"] is False
    assert six["valid_blacklister"] == [engine.replace("/7.4/", "/6.10/")]
    assert not {"valid_block_lister", "network_application_latency_monitoring"} & six.keys()
    assert shown("6.5")["action"] == "blacklist"


def test_each_version_refuses_unknown_attributes() -> None:
    old = frozen_client(api="6.10")
    policy = old.policy()

    rows = f"/{policy.split('/', 4)[4]}/{ACCESS}"

    def refused(api: str, **values: Any) -> str:
        client = Client(old.simulator, api).login()
        return client.refused(client.send("POST", rows, {"name": "r", **ANY, **values}))

    assert "valid_block_lister" in refused("6.10", action={"action": ["blacklist"], "valid_block_lister": []})
    assert "valid_blacklister" in refused("7.4", action={"action": ["block_list"], "valid_blacklister": []})
    assert "forced_next_hop_ip" in refused("7.0", action={"action": ["allow"], "forced_next_hop_ip": "10.0.0.1"})
    assert "background_color" in refused("7.0", background_color="#fff")
    assert "log_payload_additionnal" in refused("7.4", options={"log_payload_additionnal": False})
    old.make(rows, {"name": "p", **ANY, "options": {"log_payload_additionnal": False}})
    old.simulator.behaviour.set(smc_version="7.1.6")
    assert "background_color" in refused("7.4", background_color="#fff")
    assert old.send("GET", "/elements/web_access_server").status == 404
    assert "domain_name_entry" in old.get(old.make("/elements/domain_name", {"name": "b.test"}))
    old.simulator.behaviour.set(smc_version="6.10.9")
    assert "domain_name_entry" in old.refused(
        old.send("POST", "/elements/domain_name", {"name": "a.test", "domain_name_entry": ["b.test"]})
    )
    made = old.make(rows, {"name": "r", **ANY, "action": {"action": ["blacklist"]}})
    assert Client(old.simulator, "7.4").login().get(made.replace("6.10", "7.4"))["action"]["action"] == ["block_list"]
    assert "domain_name_entry" not in old.get(old.make("/elements/domain_name", {"name": "a.test"}))
