"""Judges of the trial of a server, for the beliefs about Windows (`beliefs/windows.yml`)."""

from __future__ import annotations

from collections.abc import Sequence

from piste.systems.beliefs.answers import Answer, Verdict, answered, shown
from piste.systems.windows.snippets import documented

_WORDS = (("DhcpServerv4Scope", "State"), ("DhcpServerv4Failover", "State"), ("DhcpServerv4Failover", "Mode"))
_NO_ACCOUNT = "Get-DhcpServerDnsCredential"


def dhcp_words(answers: Sequence[Answer]) -> Verdict:
    """A state of DHCP is in the documented words, whatever the language of the server."""
    right: list[str] = []
    wrong: list[str] = []
    for kind, name in _WORDS:
        known = documented()["types"][kind]["words"][name]
        for asked in answered(answers, f"TRIAL Get-{kind}"):
            for word in asked["properties"].get(name, {}).get("words", ()):
                (right if word in known else wrong).append(f"{name} : {word}")
    return shown(right, wrong)


def dhcp_no_account(answers: Sequence[Answer]) -> Verdict:
    """A server without an account for the DNS gives nothing, or an empty name, and no error."""
    asked = [*answered(answers, f"TRIAL {_NO_ACCOUNT}")]
    without = [each for each in asked if each["properties"].get("UserName", {}).get("empty") == each["objects"]]
    wrong = [each["error"] or "erreur" for each in asked if each["state"] == "error"]
    return shown(["aucun compte"] if any(each["state"] == "ok" for each in without) else [], wrong)
