"""The default gateway of a carrier in any list of interfaces: read, or unknown."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from piste.engine.converge.errors import Unreadable
from piste.engine.converge.reading import reading
from piste.systems.meraki.uplinks import by_subnet, uplink
from tests.support.fuzz import examples

VALUES = some.one_of(some.none(), some.booleans(), some.integers(), some.text(max_size=20), some.lists(some.none()))
ADDRESSES = some.sampled_from(["10.1.1.1", "10.1.2.1", "10.1.1.0", "::1", "", "10.1.1.1/24"])
SUBNETS = some.sampled_from(["10.1.1.0/24", "10.1.2.0/31", "10.1.1.3/24", "::/0", "10.1.1.0"])
INTERFACES = some.fixed_dictionaries(
    {},
    optional={
        "interfaceId": VALUES,
        "subnet": SUBNETS | VALUES,
        "defaultGateway": ADDRESSES | VALUES,
        "uplinkV4": VALUES,
    },
)


@examples(small=50, wide=3000)
@given(some.lists(INTERFACES | VALUES, max_size=6))
def test_a_gateway_has_a_single_interface(documents: list[Any]) -> None:
    with suppress(Unreadable), reading("stack"):
        holder = uplink(documents)
        read = by_subnet(documents)
        assert len(read) == len(documents)
        shown = [face["defaultGateway"] for face in read if isinstance(face, dict) and face.get("defaultGateway")]
        assert shown == ([str(holder["defaultGateway"])] if holder else [])
