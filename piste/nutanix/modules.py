"""The modules of Prism Central: for each, its table, its driver and what it takes beside."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from piste.converge.errors import PisteError
from piste.converge.module import Module
from piste.converge.request import Request
from piste.converge.resource import Field
from piste.converge.spec import REHEARSE, task_options
from piste.converge.walk import converge
from piste.nutanix.affinity import AffinityPolicies
from piste.nutanix.apart import APART, Apart
from piste.nutanix.categories import Categories
from piste.nutanix.driver import PrismDriver
from piste.nutanix.images import Images
from piste.nutanix.prism import Prism
from piste.nutanix.subnets import Subnets
from piste.nutanix.vms import OPTIONS, Vms
from piste.transport.locks import exclusive

PRISM = Field(
    "prism",
    "Where Prism Central listens, and as whom to speak to it.",
    type="dict",
    required=True,
    of=(
        Field("base_url", "Its address, C(https://prism.example:9440).", required=True),
        Field("username", "Account, where no key is given."),
        Field("password", "Password of the account, secret.", no_log=True),
        Field("api_key", "Key of the API, secret.", no_log=True),
        Field("ca_file", "Certificate authority, where it is not one of the machine's.", type="path"),
        Field("proxy", "Proxy, C(http://host:port)."),
        Field("no_proxy", "Hosts reached without it.", type="list", default=[]),
        Field("timeout", "Seconds for which an answer is waited for.", type="float", default=60),
        Field("task_timeout", "Seconds for which a task is followed.", type="float", default=600),
        Field("rate", "Requests a second that this run may send; 0 lifts the limit.", type="float", default=3),
    ),
)
CLUSTER = Field("cluster", "Cluster to which the objects belong, by its name.", required=True)
STATES = ("merged", "replaced", "deleted", "gathered")
"""What nobody declares is never removed: a machine goes because it is named."""

_DRIVERS: Mapping[str, tuple[type[PrismDriver], tuple[Field, ...]]] = {
    "prism_affinity_policies": (AffinityPolicies, ()),
    "prism_categories": (Categories, ()),
    "prism_images": (Images, (CLUSTER, APART)),
    "prism_subnets": (Subnets, (CLUSTER,)),
    "prism_vms": (Vms, (CLUSTER, APART, *OPTIONS)),
}


def _run(driver_class: type[PrismDriver], params: Mapping[str, Any], check: bool) -> dict[str, Any]:
    request = Request.of(params, check)
    prism = Prism(params["prism"])
    driver = driver_class(
        prism,
        request.vault,
        request.owner,
        params.get("cluster") or "",
        Apart.of(params.get("apart")),
        everything=request.survey or (request.state == "gathered" and not request.config),
    )
    driver.surveying = request.survey
    driver.told(params)
    try:
        with exclusive(f"prism {params['prism']['base_url']}") if request.writes else nullcontext():
            result = converge(driver, request)
    except PisteError as error:
        error.calls = prism.transport.calls
        raise
    finally:
        prism.close()
    return {**result, "apart": driver.out_of_reach, "calls": prism.transport.calls}


def _module(name: str) -> Module:
    driver_class, options = _DRIVERS[name]
    return Module(
        name=name,
        resource=driver_class.resource,
        options=(PRISM, *options, REHEARSE, *task_options(driver_class.resource, STATES)),
        run=lambda params, check: _run(driver_class, params, check),
    )


MODULES: Mapping[str, Module] = {name: _module(name) for name in _DRIVERS}
