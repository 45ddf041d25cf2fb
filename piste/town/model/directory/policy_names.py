"""The names of the forms of a policy."""

from __future__ import annotations

PILOT = " (pilote)"
RETURN = " (retour)"
"""The form of a policy that writes back what its former settings have left on the computers."""


def declared_policy(name: str) -> str:
    """Give the declared name of a policy, from that of any of its forms."""
    return name.removesuffix(PILOT).removesuffix(RETURN)
