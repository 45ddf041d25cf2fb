"""A visit of the places of a site: request, answers, judgment, causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from piste.engine.repository import commit
from piste.runs.records.chain import new_id
from piste.runs.records.operator import operator
from piste.trials.probe.judging import Judge
from piste.trials.probe.results import Carrier, Probed, Probing, Result, write
from piste.trials.probe.trial import Trial
from piste.trials.probe.trials import Circumstances, Place, request, trials
from piste.trials.probe.ways import Ways


def prepared(
    ways: Ways, place: Place, circumstances: Circumstances, interface: str, *, isolate: bool
) -> tuple[list[Trial], dict[str, Any]]:
    """Derive the trials of a place, and the request to `piste.trials.probe.onsite`."""
    listed = trials(ways, place, circumstances)
    asked = request(ways, place, listed, circumstances)
    return listed, {**asked, "interface": interface, "isolate": isolate}


def judged(
    ways: Ways, place: Place, circumstances: Circumstances, listed: Sequence[Trial], said: Mapping[str, Any]
) -> Probed:
    """Judge the answers of a place."""
    answers = {str(key): value for key, value in said["answers"].items()}
    error = str(said.get("error", ""))
    everything = circumstances.everything_answers
    judge = Judge(ways, listed, answers, everything_answers=everything, error=error, way=circumstances.way)
    results = [judge.result(trial) for trial in listed]
    return Probed(
        segment=place.segment,
        ssid=place.ssid,
        interface=str(said.get("interface", "")),
        machine=said.get("machine", {}),
        started=_moment(said.get("started")),
        ended=_moment(said.get("ended")),
        error=" ; ".join(filter(None, [error, str(said.get("left", ""))])),
        causes=list(dict.fromkeys(causes(results))),
        results=results,
    )


def kept(ways: Ways, site: str, environment: str, carrier: Carrier, probed: Sequence[Probed]) -> Path:
    """Keep the results of a visit, with their provenance; return their file."""
    head, clean = commit()
    return write(
        Probing(
            id=new_id(datetime.now(UTC)),
            site=site,
            environment=environment,
            carrier=carrier,
            operator=operator(environment),
            commit=head,
            clean=clean,
            declaration=ways.town.digest,
            places=list(probed),
        )
    )


def causes(results: Sequence[Result]) -> Iterator[str]:
    """Yield the likely causes of what is wrong, each said once: most trials fail by the same."""
    yield from (result.reason for result in results if result.verdict == "wrong" and result.reason)


def _moment(seconds: float | None) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, UTC) if seconds else datetime.now(UTC)
    except (OSError, OverflowError, ValueError):
        moment = datetime.now(UTC)
    return moment.isoformat(timespec="seconds")
