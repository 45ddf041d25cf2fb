"""Consequences of the VLANs that ports lose or gain, where nothing says what is behind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from piste.engine.words import some
from piste.sites.consequences.form import Consequence, Gravity
from piste.sites.consequences.links import Links, Partly
from piste.sites.consequences.reach import SAID

NO_CABLES = "un plan ne lit pas les câbles : qui est derrière ce port n’est pas connu"
_SHOWN = 4


class _Share(NamedTuple):
    """The loss or gain of VLANs that ports share: fields of `Partly`."""

    site: str
    gravity: Gravity
    others: tuple[str, ...]
    left: str
    starts: bool
    end: str


def shares(links: Links, every: Iterable[Partly]) -> Iterator[Consequence]:
    """Yield a line for the ports that lose or gain the same VLANs alike."""
    parts: dict[tuple[_Share, str, int], list[int | None]] = {}
    for change in every:
        port = f"{change.port} ({change.name})" if change.name else change.port
        share = _Share(change.site, change.gravity, change.others, change.left, change.starts, change.end)
        parts.setdefault((share, port, change.operation), []).append(change.vlan)
    alike: dict[tuple[_Share, tuple[int | None, ...]], dict[str, int]] = {}
    for (share, port, at), numbers in parts.items():
        alike.setdefault((share, tuple(numbers)), {})[port] = at
    for (share, vlans), places in alike.items():
        yield _part(links, share, vlans, places)


def _part(links: Links, share: _Share, vlans: Sequence[int | None], places: Mapping[str, int]) -> Consequence:
    known, causes = [vlan for vlan in vlans if vlan], tuple(dict.fromkeys(places.values()))
    within = f"dans {links.within(known, share.site)}" if known else "dans un VLAN que le plan ne dit pas"
    end = f", qui mène à {share.end} comme déclaré," if share.end else ""
    who, rests = f"ce qui passe par {some([*places], _SHOWN)}{end} {within}", ((share.site, "network"),)
    if share.gravity in ("opens", "gains"):
        return Consequence("link", share.gravity, who, SAID["starts"], causes, assumed=rests)
    if share.others:
        said = f"{SAID['otherwise']} ({some(share.others)}), si ce lien y mène aussi"
        return Consequence("link", share.gravity, who, said, causes, assumed=rests)
    change = SAID["starts" if share.starts else "stops"]
    said = f"{change} ; {share.left}" if share.left else change
    return Consequence("link", share.gravity, who, said, causes, assumed=rests, unknown=NO_CABLES)
