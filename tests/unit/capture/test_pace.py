"""A capture keeps to the limits of the vendors, who refuse no request of it as too many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from piste.engine.transport import shared
from piste.engine.transport.client import Client
from piste.engine.transport.response import Response
from piste.exports.capture import store
from piste.runs.read import of
from piste.systems.meraki.dashboard import BURST, RATE, Dashboard
from piste.systems.nutanix.prism import RATE as PRISM_RATE
from piste.systems.nutanix.prism import Prism
from tests.support import hosting, inprocess
from tests.support.capture import capturing
from tests.support.hosting import PrismWorld
from tests.support.inprocess import MerakiWorld
from tests.support.town import town_world

type World = MerakiWorld | PrismWorld
START = 1.0
"""Seconds that a playbook takes to start, at least: a step of a capture is one, with a pace of its own."""

ROUNDING = 0.001
"""Part of a request that the moments of a clock, which counts from 1970, are rounded by."""


class Heard:
    """The requests that a simulator heard: when, and how many it refused as too many."""

    def __init__(self) -> None:
        self.moments: list[float] = []
        self.refused = 0

    def most(self, seconds: float) -> int:
        """Count the requests of the busiest stretch of so many seconds."""
        return max(sum(begun <= moment < begun + seconds for moment in self.moments) for begun in self.moments)


@contextmanager
def paced(world: World, client: type[Client], made: Any) -> Iterator[Callable[[], AbstractContextManager[Heard]]]:
    """Let a client keep its own pace on the clock of the simulator, which its waits alone move.

    What it gives is for within a run, which makes the transports of its own.
    """
    heard = Heard()

    def line(endpoint: Any, pace: Any = None) -> Any:
        transport = made(world, endpoint, pace)
        transport.pace = pace
        return transport

    def answered(method: str, answer: Response) -> Response:
        heard.moments.append(world.time.time())
        heard.refused += answer.status == 429
        return answer

    @contextmanager
    def opened() -> Iterator[Heard]:
        with patch.object(client, "line", staticmethod(line)):
            yield heard

    world.spoil = answered
    with patch.object(shared, "time", world.time):
        yield opened


def dashboard(folder: Path, **rate: float) -> Heard:
    """Capture the town's Dashboard in two steps."""
    world = town_world(folder, "brownfield")
    world.simulator.behaviour.set(rate_limit=float(RATE), burst=BURST + ROUNDING)
    asked = {"base_url": inprocess.BASE, "api_key": inprocess.API_KEY, "organization": "Ville du Bourget", **rate}
    with capturing(folder / "data"), paced(world, Dashboard, inprocess.InProcess) as line:
        for _ in range(2):
            world.simulator.clock.advance(START)
            with world.run(), line() as heard:
                for subject in ("meraki_answers", "meraki_living"):
                    of(subject).run({"dashboard": asked}, True)
    return heard


def prism(folder: Path, **rate: float) -> Heard:
    """Capture the hosting of a Prism Central in two steps."""
    world = PrismWorld(folder, "town")
    world.simulator.behaviour.set(rate_limit=PRISM_RATE)
    asked = {"base_url": hosting.BASE, "username": "piste", "password": hosting.PASSWORD, **rate}
    with capturing(folder / "data"), paced(world, Prism, hosting.InProcess) as line:
        for _ in range(2):
            world.simulator.clock.advance(START)
            with world.run() as run, line() as heard:
                for name, _ in hosting.ROLE:
                    run.module(name, state="gathered", prism=asked)
                run.module("prism_living", prism=asked)
    return heard


SYSTEMS = [(dashboard, RATE, BURST), (prism, PRISM_RATE, PRISM_RATE)]


@pytest.mark.parametrize(("system", "rate", "burst"), SYSTEMS)
def test_a_capture_is_refused_no_request_as_too_many(
    system: Callable[..., Heard], rate: float, burst: float, tmp_path: Path
) -> None:
    heard = system(tmp_path)
    assert heard.refused == 0
    assert len(heard.moments) > 5 * rate, "enough to be too many"
    assert heard.most(1.0) <= rate + burst
    assert heard.most(10.0) <= 10 * rate + burst


@pytest.mark.parametrize(("system", "rate", "burst"), SYSTEMS)
def test_without_a_pace_too_many_are_heard_and_none_is_lost(
    system: Callable[..., Heard], rate: float, burst: float, tmp_path: Path
) -> None:
    heard = system(tmp_path, rate=0)
    # The simulated Prism Central refuses by operation: the pace is that of all of them.
    assert heard.refused > 0 or heard.most(1.0) > rate + burst
    assert {answer.status for _, answer in store.answers(tmp_path / "data")} <= {200, 404}
