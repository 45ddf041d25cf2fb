"""The structure of the tenant in a bag: each value of each part, or why there is none."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from piste.exports.bag.contents import Contents
from piste.exports.bag.read_tables import TENANT
from piste.readings.belief import Reading, Unread
from piste.systems.microsoft.tenant import PARTS
from piste.town import declared
from tests.support.microsoft import run, simulator

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_each_part_has_its_values_or_its_reason(tmp_path: Path) -> None:
    read = run("microsoft_tenant", simulator(licence="none"))
    contents = Contents(tmp_path, tenant={
        **{part: Reading(rows, AT) for part, rows in read["parts"].items()},
        **{part: Unread(why, AT) for part, why in read["unread"].items()},
    })  # fmt: skip
    town = declared.sound("lab")
    rows = [*TENANT.rows(contents, town)]
    assert {row["part"] for row in rows} == {*PARTS}
    domains = [row["value"] for row in rows if (row["part"], row.get("attribute")) == ("organization", "domains")]
    assert domains == ["lebourget.example, lebourget.onmicrosoft.example"]
    assert {row["part"]: row["unread"] for row in rows if "unread" in row} == read["unread"]
    never = [*TENANT.rows(Contents(tmp_path), town)]
    assert [row["unread"] for row in never] == ["jamais lu"] * len(PARTS), "never an empty table"
    assert {key for row in rows for key in row} <= {column.name for column in TENANT.columns}
