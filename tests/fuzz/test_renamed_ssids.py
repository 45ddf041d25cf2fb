"""An SSID is made once, in a free slot or in its own under another name."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from piste.engine.converge.errors import Missing
from piste.engine.converge.plan import Item, plan, project
from piste.engine.converge.secrets import Secret, Vault
from piste.engine.converge.survey import undeclared
from piste.systems.meraki.ssids import SLOTS, SSIDS, Ssids, first_name, unconfigured_name
from tests.support.fuzz import examples

NETWORK = "VLB essai"
NAMES = ("Agents", "Invités", "Élus", first_name(NETWORK), unconfigured_name(2), "Agents bis")


@st.composite
def ssids(draw: st.DrawFn) -> Item:
    mode = draw(st.sampled_from(["open", "psk"]))
    key = {"psk": Secret("", None, draw(st.sampled_from(["une-clef-longue", "une-autre-clef"])))}
    return {
        "enabled": draw(st.booleans()),
        "auth_mode": mode,
        "ip_assignment_mode": draw(st.sampled_from(["Bridge mode", "NAT mode"])),
        "default_vlan_id": draw(st.integers(1, 2)),
        **(key if mode == "psk" else {}),
    }


@st.composite
def lives(draw: st.DrawFn) -> dict[str, Item]:
    used = draw(st.dictionaries(st.sampled_from(NAMES), ssids(), max_size=5))
    slots = draw(st.permutations(range(SLOTS)))
    live = {name: {"name": name, "number": number, **item}
             for (name, item), number in zip(used.items(), slots, strict=False)}  # fmt: skip
    for number in slots[len(used) :]:
        name = unconfigured_name(number)
        name = f"{name} (emplacement {number})" if name in live else name
        live[name] = {"name": name, "number": number, "enabled": False}
    return live


@st.composite
def desired(draw: st.DrawFn) -> list[Item]:
    declared = draw(st.dictionaries(st.sampled_from(NAMES[:3]), ssids(), max_size=3))
    numbers = draw(st.permutations(range(4)))
    return [{"name": name, "number": number, **item}
            for (name, item), number in zip(declared.items(), numbers, strict=False)]  # fmt: skip


@examples(small=15, wide=3000)
@given(lives(), desired(), st.sets(st.sampled_from(NAMES), max_size=2))
def test_an_ssid_is_made_once_and_nobodys_is_left_alone(
    live: dict[str, Item], config: list[Item], retired: set[str]
) -> None:
    driver = Ssids(cast(Any, None), Vault(), "essai", NETWORK)
    names = {item["name"] for item in config}
    retired -= names
    traced = driver.traced(config, live)
    assert len(set(traced.values())) == len(traced)
    for name, place in traced.items():
        assert name not in live
        assert place not in names
        assert not driver.free(place, live[place])
        desired = next(ssid for ssid in config if ssid["name"] == name)
        assert live[place]["default_vlan_id"] == desired["default_vlan_id"]
    try:
        made = plan(SSIDS, config, live, owner="essai", absent=retired, free=driver.free, reset=driver.reset,
                    renamed=traced)  # fmt: skip
    except Missing:
        return
    after = project(made, live)
    assert names <= set(after)
    assert len({item["number"] for item in after.values() if "number" in item}) == SLOTS
    touched = {operation.place for operation in made.operations}
    left = set(undeclared(driver, config, live)) - retired - set(traced.values())
    assert not left & touched
    assert all(after[name] == live[name] for name in left)
