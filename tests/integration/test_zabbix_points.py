"""A link, a certificate, an application on a real Zabbix, which sees its own loopback alone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.declared import declared_town
from piste.engine.converge.errors import Rejected
from piste.systems.zabbix.coverage import coverage
from piste.systems.zabbix.hosts import OWNER_TAG
from piste.systems.zabbix.intent import zabbix_intent
from piste.systems.zabbix.living import living
from piste.systems.zabbix.push import push
from piste.systems.zabbix.templates import files
from piste.town.model.supervision.points import Point
from tests.support.zabbix import Watched, watched

_CLOSED = 9
"""A port of the server's loopback where nothing listens."""
_PAGE = ("application-essai", "piste.web.status")


def until(state: Callable[[], Any], seconds: int = 90) -> None:
    for _ in range(seconds * 2):
        if state():
            return
        time.sleep(0.5)
    pytest.fail("the server did not come to it in time")


def until_asked(zabbix: Watched, host: str, key: str, state: Callable[[], Any]) -> None:
    """Have the server ask a point until a state is there: an order waits for its turn, 5 s."""

    def asked() -> Any:
        poll(zabbix, host, key)
        return state()

    until(asked)


def server_of(folder: Path) -> int:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            inside = Path(os.readlink(process / "cwd")).is_relative_to(folder)
            if inside and (process / "cmdline").read_bytes().startswith(b"zabbix_server\0"):
                return int(process.name)
        except OSError:
            continue
    raise LookupError("no server works in the folder of the lab")


def within(folder: Path) -> tuple[str, ...]:
    """Give the prefix of a command that runs in the network of the server."""
    enter = shutil.which("nsenter")
    assert enter
    return (enter, "--target", str(server_of(folder)), "--user", "--net", "--preserve-credentials", "--")


@pytest.fixture(scope="module")
def zabbix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("points")
    with watched(folder, "whole") as opened:
        until(lambda: _server(folder))
        _declare(opened)
        yield opened


def _server(folder: Path) -> bool:
    try:
        return bool(server_of(folder))
    except LookupError:
        return False


def _points() -> list[Point]:
    every = {
        "link": {"address": "127.0.0.1"},
        "certificate": {"address": "127.0.0.1", "macros": {"{$CERT.PORT}": str(_CLOSED)}},
        "application": {"macros": {"{$WEB.URL}": f"https://127.0.0.1:{_CLOSED}/"}},
    }
    nothing: Any = dict.fromkeys(("site", "operator", "address", "dns", "why"))
    return [
        {**nothing, "name": f"{kind}-essai", "kind": kind, "label": kind, "macros": {}, **given}  # type: ignore[typeddict-item]
        for kind, given in every.items()
    ]


def _declare(zabbix: Watched) -> None:
    """Make the hosts that the town's own classes give to three points of this server's loopback."""
    commune: Any = declared_town().commune
    others = [other for other in commune["supervision"]["others"] if other["name"] == "piste"]
    share = {**commune["supervision"], "hosts": [], "points": _points(), "others": others}
    intent = zabbix_intent({**commune, "supervision": share})  # type: ignore[typeddict-item]
    zabbix.run("host_groups", intent["host_groups"], owner="commune")
    templates = [{"name": name, "content": content} for name, content in files().items()]
    zabbix.run("templates", templates, owner="commune")
    zabbix.run("hosts", intent["hosts"], owner="commune")
    assert zabbix.run("hosts", intent["hosts"], owner="commune")["operations"] == []


def state(zabbix: Watched, name: str) -> str:
    client = zabbix.client()
    try:
        return {row.name: row.state for row in coverage([], living(client), _points())}[name]
    finally:
        client.close()


def problems(zabbix: Watched, host: str) -> list[str]:
    asked = {"output": ["description"], "host": host, "only_true": 1, "filter": {"value": "1"}, "expandDescription": 1}
    return sorted(trigger["description"] for trigger in zabbix.api("trigger.get", asked))


def poll(zabbix: Watched, host: str, key: str) -> None:
    [item] = zabbix.api("item.get", {"host": host, "filter": {"key_": key}, "output": ["itemid"]})
    zabbix.api("task.create", [{"type": 6, "request": {"itemid": item["itemid"]}}])


def pushed(zabbix: Watched, host: str, key: str, value: int, clock: int | None = None) -> dict[str, list[str]]:
    client = zabbix.client()
    try:
        when = int(time.time()) if clock is None else clock
        return push(client, [{"host": host, "key": key, "value": value, "clock": when}])
    finally:
        client.close()


def _accepted(zabbix: Watched, host: str, key: str, value: int) -> bool:
    try:
        return bool(pushed(zabbix, host, key, value)["pushed"])
    except Rejected:
        # The server does not know yet an item that was just made.
        return False


def test_hosts_are_those_of_the_classes_of_the_town(zabbix: Watched) -> None:
    asked = {"output": ["host"], "selectTags": ["tag", "value"], "tags": [{"tag": OWNER_TAG, "value": "commune"}]}
    classes = {
        host["host"]: next(tag["value"] for tag in host["tags"] if tag["tag"] == "class")
        for host in zabbix.api("host.get", asked)
    }
    assert classes == {
        "link-essai": "link", "certificate-essai": "certificate", "application-essai": "application", "piste": "other",
    }  # fmt: skip
    assert all(state(zabbix, name) == "silent" for name in classes if name != "piste")


def test_an_expired_certificate_raises_its_problem_and_a_new_end_clears_it(zabbix: Watched) -> None:
    key, now = "piste.certificate.not_after", int(time.time())
    until(lambda: _accepted(zabbix, "certificate-essai", key, now - 86_400))
    until(lambda: problems(zabbix, "certificate-essai"))
    assert "Certificat : expiré" in problems(zabbix, "certificate-essai")
    until(lambda: _accepted(zabbix, "certificate-essai", key, now + 300 * 86_400))
    until(lambda: "Certificat : expiré" not in problems(zabbix, "certificate-essai"))
    assert state(zabbix, "certificate-essai") == "watched"


def test_a_value_is_pushed_once_and_what_is_not_there_is_named(zabbix: Watched) -> None:
    clock = int(time.time())
    until(lambda: _accepted(zabbix, "piste", "piste.run.outcome", 1))
    until(lambda: "Piste : la dernière exécution n’a pas abouti" in problems(zabbix, "piste"))
    assert pushed(zabbix, "piste", "piste.run.outcome", 1, clock - 1) == {"pushed": [], "absent": []}
    assert pushed(zabbix, "inconnu", "piste.run.outcome", 0)["absent"] == ["inconnu : piste.run.outcome"]


def test_a_link_that_answers_counts_and_an_application_that_does_not_says_so(zabbix: Watched) -> None:
    until_asked(zabbix, "link-essai", "icmpping", lambda: state(zabbix, "link-essai") == "watched")
    until_asked(zabbix, *_PAGE, lambda: state(zabbix, "application-essai") == "watched")
    until_asked(zabbix, *_PAGE, lambda: problems(zabbix, "application-essai"))
    assert problems(zabbix, "application-essai") == [f"Application : https://127.0.0.1:{_CLOSED}/ ne répond pas"]


def test_a_scenario_asks_for_the_page_and_knows_it(zabbix: Watched, tmp_path: Path) -> None:
    """Plain HTTP, since the server of the lab trusts no authority of ours."""
    templates = [{"name": name, "content": content} for name, content in files().items()]
    assert zabbix.run("templates", templates, owner="commune")["operations"] == []
    [template] = zabbix.api("template.get", {"filter": {"host": "Piste web by HTTP"}, "output": ["templateid"]})
    host = {"host": "page-essai", "groups": zabbix.api("hostgroup.get", {"output": ["groupid"], "limit": 1})}
    macros = {
        "{$WEB.URL}": "http://127.0.0.1:8098/",
        "{$WEB.DELAY}": "2s",
        "{$WEB.SHOWS}": re.escape("City Web, (essai)"),
    }
    given = [{"macro": name, "value": value} for name, value in macros.items()]
    zabbix.api("host.create", {**host, "templates": [template], "macros": given})

    def failed() -> str:
        asked = {"host": "page-essai", "webitems": True, "filter": {"key_": "web.test.fail[Page]"}}
        [item] = zabbix.api("item.get", {**asked, "output": ["lastvalue", "lastclock"]})
        return str(item["lastvalue"]) if item["lastclock"] != "0" else ""

    page = tmp_path / "index.html"
    page.write_text("<title>Un autre site</title>", "utf-8")
    served = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path), "8098"]
    command = [*within(zabbix.lab.folder), *served]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as web:
        try:
            until(lambda: failed() == "1")
            until(
                lambda: problems(zabbix, "page-essai") == ["Application : http://127.0.0.1:8098/ ne montre pas sa page"]
            )
            page.write_text("<title>City Web, (essai)</title>", "utf-8")
            until(lambda: failed() == "0")
            until(lambda: not problems(zabbix, "page-essai"))
        finally:
            web.kill()


def test_an_application_that_answers_clears_its_problem(zabbix: Watched, tmp_path: Path) -> None:
    """Plain HTTP, since the server of the lab trusts no authority of ours."""
    [host] = zabbix.api("host.get", {"filter": {"host": "application-essai"}, "selectMacros": "extend"})
    [macro] = host["macros"]
    served = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path), "8099"]
    command = [*within(zabbix.lab.folder), *served]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as web:
        try:
            address = {"hostmacroid": macro["hostmacroid"], "value": "http://127.0.0.1:8099/"}
            zabbix.api("usermacro.update", address)

            until_asked(zabbix, *_PAGE, lambda: not problems(zabbix, "application-essai"))
            assert web.poll() is None
        finally:
            web.kill()
    [item] = zabbix.api("item.get", {"host": "application-essai", "filter": {"key_": "piste.web.status"}})
    assert item["lastvalue"] == "200"


def test_a_host_counts_once_the_server_has_read_it(zabbix: Watched) -> None:
    """The real server pings this machine: F11 counts the host with its first value."""
    host_of_ours = {
        "name": "sw-essai",
        "groups": ["Essai"],
        "templates": ["ICMP Ping"],
        "interfaces": [{"kind": "agent", "address": "127.0.0.1"}],
    }
    asset: Any = {"name": "sw-essai", "kind": "switch", "site": "s", "state": "in_service", "address": "127.0.0.1"}

    def counted() -> str:
        client = zabbix.client()
        try:
            [row] = coverage([asset], living(client))
            return row.state
        finally:
            client.close()

    assert counted() == "absent"
    zabbix.run("host_groups", [{"name": "Essai"}])
    zabbix.run("hosts", [host_of_ours])
    assert counted() == "silent"

    def asked() -> bool:
        poll(zabbix, "sw-essai", "icmpping")
        return counted() == "watched"

    until(asked)
    zabbix.run("hosts", [{**host_of_ours, "enabled": False}])
    assert counted() == "disabled"
