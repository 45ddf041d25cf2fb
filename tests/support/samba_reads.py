"""Readings of our files by Samba's own parsers: the second opinion on every format."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

_PYTHON = "/usr/bin/python3"  # Samba's modules are compiled for the distribution's interpreter
_PREG = """
import base64, json, sys
from samba.dcerpc import preg
from samba.ndr import ndr_pack, ndr_unpack
content = sys.stdin.buffer.read()
pol = ndr_unpack(preg.file, content)
def plain(data):
    return base64.b64encode(data).decode() if isinstance(data, bytes) else data
print(json.dumps({"entries": [[e.keyname, e.valuename, e.type, plain(e.data)] for e in pol.entries],
                  "same": ndr_pack(pol) == content}))
"""
_INF = """
import json, sys
from samba.gp_parse.gp_inf import GptTmplInfParser
parser = GptTmplInfParser()
parser.parse(sys.stdin.buffer.read())
print(json.dumps({name: section.param_list for name, section in parser.sections.items() if section.param_list}))
"""
_INI = """
import json, sys
from samba.gp_parse.gp_ini import GPScriptsIniParser
parser = GPScriptsIniParser()
parser.parse(sys.stdin.buffer.read())
ini = parser.ini_conf
print(json.dumps({section: dict(ini.items(section)) for section in ini.sections()}))
"""
_CSV = """
import json, sys
from samba.gp_parse.gp_csv import GPAuditCsvParser
parser = GPAuditCsvParser()
parser.parse(sys.stdin.buffer.read())
print(json.dumps(parser.lines))
"""


def registry_pol(content: bytes) -> Any:
    """Read `entries` (key, name, type, data; bytes in base64) and whether packing is the `same`.

    `same` says that packing them again gives the same bytes.
    """
    return _run(_PREG, content)


def gpt_tmpl(content: bytes) -> Any:
    """Read the sections of a `GptTmpl.inf` that Samba knows, each with its parameters."""
    return _run(_INF, content)


def scripts_ini(content: bytes) -> Any:
    """Read the sections of a `scripts.ini`."""
    return _run(_INI, content)


def audit_csv(content: bytes) -> Any:
    """Read the lines of an `audit.csv` by column."""
    return _run(_CSV, content)


def _run(script: str, content: bytes) -> Any:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run([_PYTHON, "-c", script], input=content, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
