"""Switches of the simulated SMC: versions, delays, unknowns of the real system.

A point without a source is settled here and nowhere else: a single change corrects it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from lab.switches import Switches


@dataclass(slots=True)
class Behaviour(Switches):
    """Switches of one simulator; change them at any time.

    smc_version             version of the Management Server; its effects: `lab/smc/versions.py`
    api_versions            versions of the API that it offers, separated by commas
    session_seconds         idle seconds after which a session is gone
    most_sessions           sessions open at a time; a login above it is refused (None: no limit)
    token_mode              proof of a session: `auto` is a cookie over http, an Authorization token over https
    unknown_attributes      the fate of an attribute that the model does not know
    null_values             the fate of a null that the vendor's own library never sends
    shared_names            whether a name is unique among network elements of all kinds
    full_put                a PUT resets the attributes that it leaves out, instead of keeping them
    put_needs_if_match      whether a PUT without If-Match is refused; the vendor's own library sends none
    in_use_status           the status that refuses the removal of an element in use
    trash_reserves_name     whether the name of an element in the trash stays taken
    lock_blocks_owner       whether a lock also stops the administrator who locked the element
    rank_tie                the side of the present row on which a row written with its rank goes
    expand                  lists that give whole objects for `?expand=true`: those of system `properties` (the only
                            lists that the vendor documents), `all`, none (`ignored`); or the query is `refused`
    renumber_changes_etags  whether a move gives a new ETag to the rows whose rank it changes
    upload_seconds          how long the upload of a policy takes, on the lab's clock
    """

    choices: ClassVar[Mapping[str, Collection[str]]] = {
        "token_mode": ("auto", "cookie", "token", "both"),
        "rank_tie": ("before", "after"),
        "expand": ("properties", "all", "ignored", "refused"),
        "unknown_attributes": ("reject", "ignore"),
        "null_values": ("reject", "ignore"),
    }

    smc_version: str = "7.5.1"
    api_versions: str = "6.10,7.0,7.1,7.3,7.4,7.5"
    session_seconds: float = 1800.0
    most_sessions: int | None = None
    token_mode: Literal["auto", "cookie", "token", "both"] = "auto"
    unknown_attributes: Literal["reject", "ignore"] = "reject"
    null_values: Literal["reject", "ignore"] = "ignore"
    shared_names: bool = True
    full_put: bool = True
    put_needs_if_match: bool = False
    in_use_status: int = 400
    trash_reserves_name: bool = False
    lock_blocks_owner: bool = False
    rank_tie: Literal["before", "after"] = "before"
    expand: Literal["properties", "all", "ignored", "refused"] = "properties"
    renumber_changes_etags: bool = False
    upload_seconds: float = 2.0

    @property
    def offered(self) -> list[str]:
        return [version.strip() for version in self.api_versions.split(",")]
