"""A firewall in good order: a section for each site, an id in each comment, nothing pending.

For tests that need such a server at once; Piste makes the state `town` of the lab from the declaration.
"""

from __future__ import annotations

from lab.smc.seeds.making import TEMPLATE, Hand, cluster
from lab.smc.simulator import CLIENT, SmcSimulator

POLICY = "Ville"
_SITES = {
    0: "hdv", 1: "ccas", 2: "ctm", 3: "cim", 4: "aur", 5: "jau", 6: "mer", 7: "ble", 8: "stx", 9: "bas", 10: "hje",
    11: "rpe", 12: "med", 13: "mal", 14: "con", 15: "hou", 16: "sal", 17: "pis", 18: "mar", 19: "pm",
}  # fmt: skip
_SEGMENTS = {0: "administration", 1: "utilisateurs", 3: "telephonie", 4: "invites"}
_SCHOOLS = range(4, 9)
_SERVERS = {"hdv-dc1": 11, "hdv-dc2": 12, "hdv-nps1": 13, "hdv-nps2": 14, "hdv-log1": 24}
_DIRECTORY = "DNS (TCP) + DNS (UDP) + Kerberos (TCP) + Kerberos (UDP) + LDAPS + Microsoft-DS"


def town(simulator: SmcSimulator) -> None:
    """Fill a server with the town's policy."""
    hand = Hand(simulator, CLIENT)
    cluster(hand)
    hand.make("network", "ville", ipv4_network="10.93.0.0/16")
    for name, number in _SERVERS.items():
        hand.make("host", name, address=f"10.93.2.{number}")
    hand.make("group", "controleurs", element=hand.paths("hdv-dc1 + hdv-dc2"))
    hand.make("group", "radius", element=hand.paths("hdv-nps1 + hdv-nps2"))
    hand.make("service_group", "annuaire", element=hand.paths(_DIRECTORY))
    for number, code in _SITES.items():
        for offset, segment in _SEGMENTS.items():
            hand.make("network", f"{code}-{segment}", ipv4_network=f"10.93.{8 * number + offset}.0/24")
        if number in _SCHOOLS:
            hand.make("network", f"{code}-pedagogique", ipv4_network=f"10.93.{8 * number + 5}.0/24")
    hand.make("fw_policy", POLICY, template=hand.path(TEMPLATE))
    _rules(hand)
    hand.install(POLICY)


def _rules(hand: Hand) -> None:
    def rule(key: str, source: str, destination: str, service: str, action: str = "allow") -> None:
        hand.access(POLICY, key, source, destination, service, action, comment=f"[id:{key}]")

    def section(text: str) -> None:
        hand.row(POLICY, "fw_ipv4_access_rule", comment=text)

    section("Ville")
    rule("admin-smc", "hdv-administration", "Management Server", "HTTPS + SSH")
    for number, code in _SITES.items():
        section(code)
        isolated = [f"{code}-invites"] + ([f"{code}-pedagogique"] if number in _SCHOOLS else [])
        rule(f"{code}-isolation", " + ".join(isolated), "ville", "*", "discard")
        rule(f"{code}-annuaire", f"{code}-utilisateurs", "controleurs", "annuaire")
        rule(f"{code}-radius", f"{code}-administration", "radius", "RADIUS (Authentication) + RADIUS (Accounting)")
        rule(f"{code}-web", " + ".join([f"{code}-utilisateurs", *isolated]), "*", "HTTP + HTTPS")
    section("Fin")
    rule("refus", "*", "*", "*", "discard")
    hidden = {"ip_descriptor": "192.0.2.2", "min_port": 1024, "max_port": 65535}
    hand.row(
        POLICY,
        "fw_ipv4_nat_rule",
        name="sortant",
        comment="[id:sortant]",
        **hand.cells("ville", "*", "*"),
        options={"dynamic_src_nat": {"automatic_proxy": True, "translation_values": [hidden]}},
    )
