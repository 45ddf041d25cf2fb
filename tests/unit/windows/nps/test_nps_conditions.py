"""Conditions of policies: texts of NPS to fields, and back."""

import pytest

from piste.systems.windows.nps import conditions

SIDS = {"GG-Agents": "S-1-5-21-1-2-3-1105", "GG-Police": "S-1-5-21-1-2-3-1104"}
NAMES = {sid: name for name, sid in SIDS.items()}


def read(*texts: str) -> dict[str, object]:
    return conditions.read(texts, lambda sid: NAMES.get(sid, sid))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('MATCH("NAS-Port-Type=^15$")', {"nas_port_type": ["wired"]}),
        ('MATCH("NAS-Port-Type=^15$|^19$")', {"nas_port_type": ["wired", "wireless"]}),
        ('MATCH("Client-Friendly-Name=^sw-hdv-")', {"client_name": "^sw-hdv-"}),
        ('MATCH("Called-Station-Id=.*:VLB=Agents$")', {"called_station": ".*:VLB=Agents$"}),
        ('NTGROUPS("S-1-5-21-1-2-3-1104;S-1-5-21-1-2-3-1105")', {"windows_groups": ["GG-Agents", "GG-Police"]}),
        ('MACHINENTGROUPS("S-1-5-21-1-2-3-9")', {"machine_groups": ["S-1-5-21-1-2-3-9"]}),
        ('USERNTGROUPS("S-1-5-21-1-2-3-1105")', {"user_groups": ["GG-Agents"]}),
        (
            'TIMEOFDAY("1 07:30-12:00 13:30-19:00; 6 00:00-24:00")',
            {"hours": {"monday": ["07:30-12:00", "13:30-19:00"], "saturday": ["00:00-24:00"]}},
        ),
    ],
)
def test_each_kind_is_read_and_written_as_it_was(text: str, said: dict[str, object]) -> None:
    assert read(text) == said
    written = conditions.written(said, lambda name: SIDS.get(name, name))
    assert read(*written) == said
    assert written == [text] or "S-1" in text  # groups are written in the order of their names


@pytest.mark.parametrize(
    "text",
    [
        'MATCH("MS-RAS-Vendor=^311$")',
        'MATCH("NAS-Port-Type=^(15|19)$")',
        'MATCH("NAS-Port-Type=^7777$")',
        'EAPTYPES("25")',
        'TIMEOFDAY("7 00:00-24:00")',
        'TIMEOFDAY("0 19:00-07:00")',
        'NTGROUPS("LDAP://ou")',
        "n’importe quoi",
    ],
)
def test_an_unknown_condition_is_kept_word_for_word(text: str) -> None:
    assert read(text) == {"verbatim": [text]}
    assert conditions.written({"verbatim": [text]}, str) == [text]


def test_hours_are_read_with_or_without_their_first_zero() -> None:
    said = {"monday": ["08:30-09:30", "10:30-15:30"]}
    assert read('TIMEOFDAY("1 8:30-9:30, 10:30-15:30")') == {"hours": said}
    assert conditions.written({"hours": said}, str) == ['TIMEOFDAY("1 08:30-09:30 10:30-15:30")']


def test_a_second_condition_of_a_kind_is_not_taken_for_an_alternative() -> None:
    first, second = 'USERNTGROUPS("S-1-5-21-1-2-3-1104")', 'USERNTGROUPS("S-1-5-21-1-2-3-1105")'
    assert read(first, second) == {"user_groups": ["GG-Police"], "verbatim": [second]}


def test_a_list_of_groups_is_read_however_it_is_separated() -> None:
    for text in (
        'NTGROUPS("S-1-5-21-1-2-3-1104";"S-1-5-21-1-2-3-1105")',
        'NTGROUPS("S-1-5-21-1-2-3-1104, s-1-5-21-1-2-3-1105")',
    ):
        assert read(text) == {"windows_groups": ["GG-Agents", "GG-Police"]}
        assert conditions.sids([text]) == set(SIDS.values())
