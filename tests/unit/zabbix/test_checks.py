"""The templates that a server lacks: those that come with the first pass, those that went."""

from __future__ import annotations

from typing import Any

import pytest

from piste.engine.converge.errors import PisteError
from piste.systems.zabbix.checks import judged_templates

WANTED = {"ICMP Ping": "7.0-2", "Piste web by HTTP": ""}


class Server:
    """A Zabbix that has these templates, and these hosts of Piste."""

    def __init__(self, hosts: list[str], **versions: str) -> None:
        templates = [{"host": name.replace("_", " "), "vendor_version": it} for name, it in versions.items()]
        self.answers = {"template": templates, "host": [{"hostid": host} for host in hosts]}
        self.asked: list[str] = []

    def get(self, kind: str, **asked: Any) -> list[dict[str, str]]:
        self.asked.append(kind)
        return self.answers[kind]


def judged(server: Server, *kept_absent: str) -> tuple[str, str, str]:
    finding = judged_templates(server, WANTED, kept_absent)  # type: ignore[arg-type]
    return finding.state, finding.what, finding.todo


def test_a_template_of_piste_comes_with_the_first_pass() -> None:
    state, what, _ = judged(Server([], ICMP_Ping="7.0-2"))
    coming = "« Piste web by HTTP » : avec le premier passage de la supervision"
    assert (state, what) == ("ok", f"1 modèle employé, à la version déclarée ; {coming}")


@pytest.mark.parametrize("hosts", [[], ["10084"]])
def test_a_template_that_an_adoption_keeps_absent_is_not_promised(hosts: list[str]) -> None:
    state, what, _ = judged(Server(hosts, ICMP_Ping="7.0-2"), "Piste web by HTTP", "another")
    assert state == "ok"
    assert "« Piste web by HTTP » : la reprise en garde l’absence" in what
    assert "« piste adopt commune --release zabbix/template »" in what
    assert "premier passage" not in what


def test_a_template_of_piste_that_went_is_a_fault_and_says_how_it_comes_back() -> None:
    state, what, todo = judged(Server(["10084"], ICMP_Ping="7.0-2"))
    assert (state, what) == ("wrong", "« Piste web by HTTP » n’y est pas")
    assert todo.startswith("Ceux de Piste reviennent par « piste plan commune --domain supervision ».")


@pytest.mark.parametrize("versions", [{}, {"ICMP_Ping": "7.0-1"}])
def test_a_template_of_the_vendor_is_asked_of_the_server_at_once(versions: dict[str, str]) -> None:
    state, what, todo = judged(Server([], **versions))
    assert state == "wrong"
    assert "ICMP Ping" in what
    assert "Piste" not in what + todo


def test_a_server_that_has_all_is_asked_once() -> None:
    server = Server([], ICMP_Ping="7.0-2", **{"Piste web by HTTP": ""})
    assert judged(server) == ("ok", "2 modèles employés, à la version déclarée", "")
    assert server.asked == ["template"]


def test_a_server_that_is_silent_about_its_hosts_is_unknown() -> None:
    class Silent(Server):
        def get(self, kind: str, **asked: Any) -> list[dict[str, str]]:
            if kind == "host":
                raise PisteError("le système ne répond plus")
            return super().get(kind, **asked)

    assert judged(Silent([], ICMP_Ping="7.0-2"))[0] == "unknown"
