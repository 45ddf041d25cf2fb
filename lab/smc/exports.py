"""Exports of a Management Server for another server: a zip of XML, the result of a task.

The real XML follows a DTD of the vendor; that of the lab has the elements, their names and their attributes only.
"""

from __future__ import annotations

import io
import json
import zipfile
from xml.etree.ElementTree import Element, SubElement, tostring

from lab.smc.call import Call
from lab.smc.elements import name_of, without_secrets
from lab.smc.world import Json


def archive(call: Call, wanted: Json) -> bytes:
    """Return the result of an export: `exported_data.xml` in a zip."""
    root = Element("generic_import_export", {"build": "11512", "update_package_version": "1500"})
    for record in call.world.elements.values():
        asked = record["key"] in wanted["keys"] if wanted["keys"] else record["parent"] is None and not record["system"]
        if asked and (wanted.get("trash", True) or not record["trashed"]):
            element = SubElement(root, record["type"], {"name": name_of(record), "db_key": str(record["key"])})
            element.text = json.dumps(call.outward(without_secrets(record["data"])), ensure_ascii=False)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr(zipfile.ZipInfo("exported_data.xml"), tostring(root, "utf-8"))
    return packed.getvalue()
