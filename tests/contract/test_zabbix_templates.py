"""The fields that our own templates of Zabbix read are those of the vendors' contracts."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.support.prism_contract import Contract
from tests.support.zabbix_templates import dependent

_FIELD = re.compile(r"@\.(\w+)(?: [!=]= '(\w+)')?")


def compared(template: str) -> dict[str, set[str]]:
    """Give the fields that the paths of a template read, with the values compared to each."""
    fields: dict[str, set[str]] = {}
    for name, value in _FIELD.findall(json.dumps([item["preprocessing"] for item in dependent(template).values()])):
        fields.setdefault(name, set()).update({value} - {""})
    return fields


def test_the_fields_of_a_device_of_meraki(meraki_contract: dict[str, Any]) -> None:
    device = meraki_contract["getOrganizationDevicesAvailabilities"]["responses"]["200"]["items"]["properties"]
    fields = compared("Piste Meraki organisation by HTTP")
    assert set(fields) == {"serial", "status"} <= set(device)
    assert fields["status"] < set(device["status"]["enum"])


def test_the_fields_of_a_node_of_prism(prism_contract: Contract) -> None:
    host = prism_contract.model("clustermgmt", "clustermgmt.v4.config.Host")["props"]
    fields = compared("Piste Prism Central by HTTP")
    assert set(fields) == {"nodeStatus", "isDegraded"} <= set(host)
    assert host["isDegraded"] == "bool"
    assert fields["nodeStatus"] < set(prism_contract.model("clustermgmt", host["nodeStatus"])["enum"])
