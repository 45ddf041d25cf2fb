"""Category tags, and the elements that have them."""

from __future__ import annotations

from lab.smc import search
from lab.smc.call import Answer, Call
from lab.smc.elements import entry
from lab.smc.errors import refused
from lab.smc.world import Json

KINDS = frozenset({"application_tag", "category_tag", "situation_tag"})


def add(call: Call, tag: Json) -> Answer:
    tag["tagged"] = list(dict.fromkeys([*tag.get("tagged", []), *_asked(call)]))
    return Answer(204)


def remove(call: Call, tag: Json) -> Answer:
    gone = set(_asked(call))
    tag["tagged"] = [key for key in tag.get("tagged", []) if key not in gone]
    return Answer(204)


def tagged(call: Call, tag: Json) -> Answer:
    records = [call.world.get(key) for key in tag.get("tagged", [])]
    return Answer(value={"result": [entry(call, record) for record in records if record and not record["trashed"]]})


def tags_of(call: Call, record: Json) -> Answer:
    tags = [tag for tag in call.world.of_type(*sorted(KINDS)) if record["key"] in tag.get("tagged", [])]
    return Answer(value={"result": [entry(call, tag) for tag in tags]})


def _asked(call: Call) -> list[int]:
    keys = search.asked_keys(call.body())
    if not keys:
        raise refused("Invalid reference.", "No element is given.")
    return keys
