"""Whatever a Nexus writes: a state or unknown, and no secret in its text."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as some

from piste.engine.converge.errors import Unreadable
from piste.engine.converge.reading import reading
from piste.systems.nexus import tables
from piste.systems.nexus.configuration import masked, tree
from piste.systems.nexus.judge import judge
from piste.systems.nexus.state import of_configuration
from piste.systems.nexus.unjudged import unjudged
from tests.support.fuzz import examples
from tests.support.nexus import declared

NEXUS = declared()
WORDS = some.sampled_from(
    ["vlan", "interface", "Vlan102", "Ethernet1/1", "port-channel10", "switchport", "trunk", "allowed", "mode", "none",
     "except", "add", "ip", "address", "hsrp", "no", "shutdown", "channel-group", "102", "1-4094", "9999",
     "vpc", "domain", "peer-link", "router", "ospf", "ipv6", "2001:db8::1/64",
     "autoconfig", "10.93.2.254/24", "banner", "motd", "#", "name", "description", "state", "suspend", "dhcp", "é"]
)  # fmt: skip
LINES = some.builds(
    lambda depth, words: "  " * depth + " ".join(words), some.integers(0, 3), some.lists(WORDS, max_size=7)
)
TEXTS = some.lists(LINES, max_size=25).map(lambda lines: "\n".join(["version 9.3(13)", "hostname nx", *lines]))


@examples(small=15, wide=3000)
@given(TEXTS | some.text(max_size=200))
def test_any_configuration_is_judged_or_unknown(text: str) -> None:
    with suppress(Unreadable), reading("nx-hdv-1"):
        state = of_configuration(tree(text))
        for domain in (None, 1):
            list(judge({**NEXUS["switches"][0], "vpc_domain": domain}, NEXUS["vlans"], state))
            assert ("vPC" in unjudged(state.root, vpc=domain is not None)) <= (domain is None)
    assert masked(masked(text)) == masked(text)


@examples(small=10, wide=2000)
@given(some.text(max_size=300))
def test_any_table_is_read_or_unknown(text: str) -> None:
    for read in (tables.active_vlans, tables.bundled, tables.ports, tables.version, tables.roles):
        with suppress(Unreadable), reading("nx-hdv-1"):
            read(text)


FORMS = some.sampled_from(
    ["username a password {d} {s} role r", "key-string {d} {s}", "snmp-server community {s} group g",
     "tacacs-server key {s}", "snmp-server host 10.0.0.1 version 2c {s}", "neighbor 10.0.0.1 password {d} {s}",
     "authentication md5 key-string {s}", "snmp-server user u auth md5 {s} priv {s} localizedkey",
     "username a sshkey ssh-rsa {s}", "ip ospf message-digest-key 1 md5 {d} {s}"]
)  # fmt: skip
SECRETS = some.text("abcdefXYZ0123456789$./!%+-", min_size=8, max_size=40)


@examples(small=15, wide=3000)
@given(FORMS, some.sampled_from("0356789"), SECRETS, some.integers(0, 4))
def test_no_secret_stays_in_a_text(form: str, digit: str, secret: str, indent: int) -> None:
    text = masked(" " * indent + form.format(d=digit, s=secret))
    assert secret not in text
