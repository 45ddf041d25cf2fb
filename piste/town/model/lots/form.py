"""Forms of the lots of thin clients, site by site after a study (CCTP 3.2.2, 4.1.3)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..forms import Date, Form, Marked, SiteName

LotId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,40}$")]
AssetName = Annotated[str, Field(min_length=1, max_length=63)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Users = Annotated[int, Field(ge=1, le=10_000)]
Gibibytes = Annotated[float, Field(gt=0, le=1_000_000)]
Verdict = Literal["favourable", "with_reserves", "unfavourable"]
Fitness = Literal["compatible", "adapted", "incompatible"]


class StudiedApplication(Form):
    """An application of the users of a lot.

    It runs as it is, `adapted` as `note` says, or not at all.
    """

    name: Text
    fitness: Fitness
    note: Text | None = None


class StudiedStorage(Form):
    """Room for the profiles and desktops of the users, in GiB."""

    per_user_gib: Gibibytes
    available_gib: Gibibytes


class StudiedIops(Form):
    """Operations of the storage each second: what a user asks, what was measured as available."""

    per_user: Annotated[float, Field(gt=0, le=10_000)]
    available: Annotated[float, Field(gt=0, le=10_000_000)]
    measured: Text


class Study(Marked):
    """The study of compatibility of a lot; `by` is a role, never a person."""

    by: Text
    made_on: Date
    users: Users
    applications: Annotated[list[StudiedApplication], Field(min_length=1)]
    storage: StudiedStorage
    iops: StudiedIops
    verdict: Verdict
    reserves: list[Text] = Field(default_factory=list)


class ThinClientLot(Marked):
    """Thin clients that go to a site together, and the computers that they `replace`.

    `deployed_on` is the day on which the site works with them: a lot without it is to come.
    """

    label: Text
    site: SiteName
    planned_on: Date
    deployed_on: Date | None = None
    thin_clients: Annotated[list[AssetName], Field(min_length=1)]
    replaces: list[AssetName] = Field(default_factory=list)
    study: Study | None = None
