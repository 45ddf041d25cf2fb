"""Real EAP exchanges between the lab's RADIUS and a real directory: admissions and VLANs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from lab.radius.server import PROBE, STRANGER, Radius
from piste.systems.radius.exchange import Outcome, Place, Server, ask_eap, ask_mac, quoted
from tests.support.nps_document import PEAP, TLS, Rule, document
from tests.support.samba import Domain

SECRET = 'un secret "partagé" \\ long'
MACHINE = "host/pc-test-01.ad.lebourget.example"
JAURES, PRINTER, OTHER = "10.93.40.11", "02:93:05:00:00:60", "02:93:05:00:00:61"
AT_SCHOOL = 'MATCH("NAS-IP-Address=^10\\.93\\.4[0-7]\\.")'


class Bench:
    """A pair whose first server can be given another document, and the means to ask it."""

    def __init__(self, radius: Radius, authority: trustme.CA, folder: Path) -> None:
        self.info, self.secrets, self.folder = radius.info, radius.secrets, folder
        self.ca_file = str(folder / "trusted.pem")
        authority.cert_pem.write_to_path(self.ca_file)

    def server(self, source: str = PROBE, secret: str = SECRET) -> Server:
        return Server("hdv-nps1", self.info["address"], self.info["auth_port"], secret, source)

    def eap(self, network: dict[str, str], server: Server | None = None, **place: Any) -> Outcome:
        trusted = {"key_mgmt": "IEEE8021X", "ca_cert": quoted(self.ca_file)}
        name = {"domain_match": quoted("hdv-nps1.ad.lebourget.example")}
        return ask_eap(server or self.server(), Place(JAURES, **place), {**trusted, **name, **network}, self.folder)

    def tls(self, who: str) -> dict[str, str]:
        for kind in ("certificate", "key"):
            (self.folder / f"{who}.{kind}").write_text(self.secrets[f"eap/{who}/{kind}"])
        files = {"client_cert": f"{who}.certificate", "private_key": f"{who}.key"}
        paths = {name: quoted(str(self.folder / file)) for name, file in files.items()}
        return {"eap": "TLS", "identity": quoted(MACHINE), **paths}

    def peap(self, password: str = "") -> dict[str, str]:
        return {
            "eap": "PEAP",
            "phase1": quoted("peapver=0"),
            "phase2": quoted("auth=MSCHAPV2"),
            "identity": quoted("agent.test"),
            "password": quoted(password or self.secrets["eap/agent/password"]),
        }


def sid(domain: Domain, account: str) -> str:
    return domain.tool("group", "show", account, "--attributes=objectSid").split("objectSid: ")[1].split()[0]


@pytest.fixture(scope="module")
def bench(shared_domain: Domain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder, authority = tmp_path_factory.mktemp("radius"), trustme.CA()
    shared_domain.tool("group", "add", "GV-Agents")
    shared_domain.tool("group", "addmembers", "GV-Agents", "agent.test")
    machines, agents = sid(shared_domain, "Domain Computers"), sid(shared_domain, "GV-Agents")
    exported = document(
        {"sonde": (PROBE, SECRET)},
        [
            Rule("Imprimante", (AT_SCHOOL, 'MATCH("Calling-Station-Id=^02-93-05-00-00-60$")'), 151, provider=0),
            Rule("Tous", ('TIMEOFDAY("0 00:00-24:00; 1 00:00-24:00")',)),
        ],
        [
            Rule("Postes", (AT_SCHOOL, f'MACHINENTGROUPS("{machines}")'), 151, (TLS,)),
            Rule("Agents", (AT_SCHOOL, 'MATCH("NAS-Port-Type=^19$")', f'NTGROUPS("{agents}")'), 152, (PEAP,)),
        ],
    )
    exports = {"hdv-nps1": lambda: exported, "hdv-nps2": lambda: exported}
    radius = Radius(folder / "lab", shared_domain.controller, authority, exports).start()
    yield Bench(radius, authority, folder)
    radius.close()


def test_a_machine_certificate_gets_the_vlan_of_its_policy(bench: Bench) -> None:
    outcome = bench.eap(bench.tls("poste"))
    assert (outcome.verdict, outcome.vlan, outcome.why) == ("accepted", 151, "")


def test_a_password_of_the_directory_gets_the_vlan_of_its_group_on_the_declared_medium_only(bench: Bench) -> None:
    wireless, wired = (bench.eap(bench.peap(), medium=medium) for medium in ("wireless", "wired"))
    assert [(outcome.verdict, outcome.vlan) for outcome in (wireless, wired)] == [("accepted", 152), ("refused", None)]


def test_a_wrong_password_is_refused(bench: Bench) -> None:
    assert bench.eap(bench.peap("autre-mot-de-passe"), medium="wireless").verdict == "refused"


def test_a_revoked_certificate_is_refused(bench: Bench) -> None:
    assert bench.eap(bench.tls("revoque")).verdict == "refused"


def test_a_machine_of_another_site_is_refused(bench: Bench) -> None:
    elsewhere = Place("10.93.8.11")
    network = bench.tls("poste") | {"key_mgmt": "IEEE8021X", "ca_cert": quoted(bench.ca_file)}
    assert ask_eap(bench.server(), elsewhere, network, bench.folder).verdict == "refused"


def test_a_mac_address_is_admitted_only_where_a_policy_names_it(bench: Bench) -> None:
    known, unknown = (ask_mac(bench.server(), Place(JAURES, mac=mac)) for mac in (PRINTER, OTHER))
    assert [(outcome.verdict, outcome.vlan) for outcome in (known, unknown)] == [("accepted", 151), ("refused", None)]


def test_an_unknown_client_and_a_wrong_secret_get_no_answer(bench: Bench) -> None:
    place = Place(JAURES, mac=PRINTER)
    for server in (bench.server(STRANGER), bench.server(secret="ce n’est pas le secret")):
        assert ask_mac(server, place, patience=1.5).verdict == "silent"


def test_a_server_of_another_name_is_not_trusted(bench: Bench) -> None:
    network = bench.tls("poste") | {"domain_match": quoted("autre.example")}
    outcome = bench.eap(network)
    assert outcome.verdict in ("broken", "refused")
    assert "CERT-ERROR" in outcome.why
