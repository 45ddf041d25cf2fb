"""The patch of a switch: read by a grammar, compared with the plan, refused in doubt."""

from __future__ import annotations

import pytest

from piste.engine.converge.values import Misfit
from piste.systems.nexus.patch import SUCCESS, compare, patch
from piste.systems.nexus.state import Port

RULE = "=" * 56
LIVE = {"port-channel10": Port("port-channel10", trunk=True, up=True, allowed=frozenset({102, 107}))}
TRUNK = "switchport trunk allowed vlan"
PO10 = "interface port-channel10"
EXPECTED = frozenset({("", "vlan 110"), ("vlan 110", "name voix"), (PO10, f"{TRUNK} 102,107,110")})
COMMANDS = ("config t ", "vlan 110", "name voix", "exit", PO10, f"{TRUNK} add 110", "exit")


def said(*commands: str, more: str = "", end: str = SUCCESS) -> str:
    rows = ["Generating Rollback Patch", "Validating Patch", RULE, *(f"`{command}`" for command in commands)]
    return "\n".join([*rows, "Skip non dme command for CR validation", more, RULE, end, ""])


@pytest.mark.parametrize("steps", [("102,107,110",), ("add 110",), ("102,107-108,110", "remove 108")])
def test_a_patch_that_says_the_plan_is_accepted(steps: tuple[str, ...]) -> None:
    compare(EXPECTED, patch(said(*COMMANDS[:5], *(f"{TRUNK} {step}" for step in steps)), LIVE))


@pytest.mark.parametrize(
    "more",
    [
        "no feature lacp",
        "vlan 99",
        "no vlan 107",
        "interface Ethernet1/9",
        "no interface port-channel3",
        "snmp-server x",
    ],
)
def test_one_command_more_is_refused_and_not_repeated(more: str) -> None:
    with pytest.raises(Misfit, match="1 commande") as error:
        compare(EXPECTED, patch(said(*COMMANDS, more), LIVE))
    assert more not in str(error.value)


def test_one_command_less_is_refused_and_named() -> None:
    with pytest.raises(Misfit, match="vlan 110 / name voix"):
        compare(EXPECTED, patch(said("vlan 110", *COMMANDS[3:]), LIVE))


def test_a_syntax_error_is_refused_though_the_switch_says_successful() -> None:
    with pytest.raises(Misfit, match="signale une erreur"):
        patch(said(*COMMANDS, more="Syntax error while parsing 'name voix'"), LIVE)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (said(*COMMANDS, end=""), "ne dit pas"),
        (said(*COMMANDS, end="Patch validation failed"), "signale une erreur"),
        (said(*COMMANDS, more="Something new"), "ne se comprend pas"),
        ("", "ne dit pas"),
    ],
)
def test_what_is_not_a_validated_patch_is_refused(answer: str, why: str) -> None:
    with pytest.raises(Misfit, match=why):
        patch(answer, LIVE)


@pytest.mark.parametrize("steps", [("none", "102,107,110"), ("110", "add 102,107"), ("remove 102", "add 102,110")])
def test_a_list_that_loses_a_vlan_for_a_moment_is_refused(steps: tuple[str, ...]) -> None:
    with pytest.raises(Misfit, match="le temps d’une commande"):
        patch(said(PO10, *(f"{TRUNK} {step}" for step in steps)), LIVE)


def test_a_list_removed_before_it_is_written_is_one_command_more() -> None:
    with pytest.raises(Misfit, match="1 commande"):
        compare(EXPECTED, patch(said(*COMMANDS[:5], f"no {TRUNK}", f"{TRUNK} 102,107,110"), LIVE))


def test_a_removal_repeats_the_value_that_goes() -> None:
    port = "interface Ethernet1/8"
    read = patch(said(port, "no channel-group 3 force mode active", "no description TEST", "exit"), LIVE)
    compare(frozenset({(port, "no channel-group"), (port, "no description")}), read)
