"""The moment since which a drift has done what it does to people."""

from __future__ import annotations

from datetime import datetime

import pytest

from piste.engine.clock import in_town
from piste.sites.consequences import said
from piste.sites.consequences.computed import Consequences
from piste.sites.consequences.form import Consequence
from tests.unit.consequences.changes import SCHOOL
from tests.unit.consequences.test_consequences import FORM


@pytest.mark.parametrize(
    ("by", "ending"),
    [
        ([["2026-11-24T09:12:00+00:00", "2026-11-20T08:00:00+00:00"]], "24/11/2026 à 10:12"),
        ([["2026-11-24T09:12:00+00:00"], ["2026-11-24T10:30:00+01:00"]], "24/11/2026 à 10:30"),
        ([["2026-11-24T09:12:00+00:00"], []], ""),
        ([["2026-11-24T09:12:00+00:00"], None], ""),
        ([], ""),
    ],
    ids=["last-change", "last-of-two-objects", "author-unknown", "log-unread", "nobody-asked"],
)
def test_a_drift_dates_a_consequence_only_where_the_system_gives_its_moment(
    by: list[list[str] | None], ending: str
) -> None:
    objects = [{"system": "smc", "owner": SCHOOL, "kind": "fw_policy", "key": f"p{at}"} for at in range(len(by) or 1)]
    authors = [
        {**each, "by": moments and [{"who": "A", "when": when, "how": ""} for when in moments]}
        for each, moments in zip(objects, by, strict=bool(by))
    ]
    operations = [{**each, "label": "p", "action": "update"} for each in objects]
    made = {"id": "x", "environment": "lab", "operations": operations, "authors": authors}
    line = Consequence("reach", "opens", "invités", "→ hdv-fic1 : ne passait pas, passera", (*range(len(objects)),))
    texts = said.lines(Consequences([line], {}, [], []), made, lambda owner: "", whole=True, drifted=True)
    since = f" ; l’écart est là depuis le {ending} au moins" if ending else ""
    assert texts[0][1].strip() == f"! invités → hdv-fic1 : ne passait pas, passe{since}"
    data = said.data(Consequences([line], {}, [], []), made, lambda owner: "", drifted=True)
    (given,) = [each["since"] for each in data["consequences"]]
    assert (in_town(datetime.fromisoformat(given)) if given else "") == ending
    FORM.validate(data)
    written = said.markdown(Consequences([line], {}, [], []), made, lambda owner: "", drifted=True)
    assert ("l’écart est là depuis" in written) is bool(ending)
