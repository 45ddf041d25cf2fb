"""The kinds of the SMC: elements, engines, policies, in the order of converging."""

from __future__ import annotations

from functools import partial

from piste.engine.kind import OF_THE_TOWN, Kind

_SMC_RIGHTS = "écrire les éléments et les politiques : rôle Editor (déduit des rôles livrés avec le SMC)"
_ENGINE_RIGHTS = "écrire le moteur : rôle Editor, accordé sur le pare-feu de la Ville (déduit des rôles livrés)"

_firewall = partial(Kind, "firewall")
FIREWALL = (
    _firewall(
        "smc_elements",
        "piste.systems.forcepoint.elements:Elements",
        unclosed=OF_THE_TOWN,
        if_declared=True,
        rights=_SMC_RIGHTS,
    ),
    _firewall(
        "smc_engine_interfaces",
        "piste.systems.forcepoint.engine_interfaces:EngineInterfaces",
        late=True,
        closed="deleted",
        if_declared=True,
        renewed="refaite avec ses adresses ; ce que Piste n’en décrit pas est perdu",
        rights=_ENGINE_RIGHTS,
    ),
    _firewall(
        "smc_engine_routes",
        "piste.systems.forcepoint.engine_routes:EngineRoutes",
        late=True,
        unclosed=OF_THE_TOWN,
        if_declared=True,
        rights=_ENGINE_RIGHTS,
    ),
    _firewall(
        "smc_engine_settings",
        "piste.systems.forcepoint.engine_settings:EngineSettings",
        late=True,
        unclosed=OF_THE_TOWN,
        if_declared=True,
        rights=_ENGINE_RIGHTS,
    ),
    _firewall(
        "smc_engine_gateways",
        "piste.systems.forcepoint.engine_gateways:EngineGateways",
        late=True,
        unclosed=OF_THE_TOWN,
        if_declared=True,
        rights=_ENGINE_RIGHTS,
    ),
    _firewall(
        "smc_log_servers",
        "piste.systems.forcepoint.log_servers:LogServers",
        late=True,
        unclosed=OF_THE_TOWN,
        if_declared=True,
        rights="écrire le serveur de journaux : un rôle qui modifie les serveurs du SMC (déduit des rôles livrés)",
    ),
    _firewall(
        "smc_policies",
        "piste.systems.forcepoint.policies:Policies",
        closed="deleted",
        renewed="refaite avec ses règles ; leurs compteurs et leur historique sont perdus",
        rights=_SMC_RIGHTS,
    ),
    _firewall(
        "smc_installations",
        "piste.systems.forcepoint.installations:Installations",
        unexported="est un acte : ce qui tourne sur un moteur se réinstalle depuis la politique",
        unclosed=OF_THE_TOWN,
        unreturned="est un acte : la politique rendue s’installe par l’étape « installation »",
        surveyed=False,
        step="installation",
        rights="installer une politique : un rôle qui a upload_policy, accordé sur le pare-feu de la Ville",
    ),
)
