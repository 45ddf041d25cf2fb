"""The delegation of Piste's account: what does not show is unknown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from piste.systems.windows import delegation


class _Directory:
    sid, base, controller = "S-1-5-21-1-2-3", "DC=ad", "dc1"
    domain = SimpleNamespace(username="svc-piste@ad")

    def __init__(self, groups: list[bytes]) -> None:
        self.groups = groups

    def read(self, dn: str, attributes: Any) -> Any:
        return SimpleNamespace(raw=lambda name: self.groups)

    def search(self, base: str, terms: str, attributes: Any) -> list[Any]:
        return [SimpleNamespace(raw=lambda name: [b"512"], number=lambda name: 512)] if "user" in terms else []


def _said(groups: list[bytes]) -> tuple[str, str]:
    first = next(delegation.findings(_Directory(groups)))  # type: ignore[arg-type]
    return first.state, first.what


def test_an_account_whose_groups_do_not_show_is_not_said_to_be_free() -> None:
    state, what = _said([])
    assert (state, "ne se montrent pas" in what) == ("unknown", True)


def test_an_account_outside_protected_users_is_said_so() -> None:
    users = bytes.fromhex("01050000000000051500000001000000020000000300000001020000")
    state, what = _said([users])
    assert (state, "pourrait être délégué" in what) == ("ok", True)
