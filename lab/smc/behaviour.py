"""What the simulator can be told to do differently: versions, delays, unknowns of the real system.

Every point that no source confirms is settled here and nowhere else, so that one change corrects it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from lab.switches import Switches


@dataclass(slots=True)
class Behaviour(Switches):
    """Switches of one simulator; change them at any time.

    smc_version             version of the Management Server; what depends on it: `lab/smc/versions.py`
    api_versions            versions of the API that it offers, apart from each other by commas
    session_seconds         idle seconds after which a session is gone
    most_sessions           sessions open at a time; one more is refused (None: no limit)
    token_mode              how a session is told: `auto` is a cookie over http, an Authorization token over https
    unknown_attributes      what happens to an attribute that the model does not know
    null_values             what happens to a null that the vendor's own library never sends
    shared_names            whether network elements of two kinds may not bear one name
    full_put                a PUT resets the attributes that it leaves out, instead of keeping them
    put_needs_if_match      whether a PUT without If-Match is refused; the vendor's own library sends none
    in_use_status           how the removal of an element that something refers to is refused
    trash_reserves_name     whether the name of an element in the trash stays taken
    lock_blocks_owner       whether the administrator who locked an element is kept from changing it too
    rank_tie                where a row written with the rank of another one goes, beside that one
    expand                  which lists give whole objects when `?expand=true` asks for them: those of system
                            `properties`, the only ones that the vendor documents, `all`, none (`ignored`); or the
                            question is `refused`
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
