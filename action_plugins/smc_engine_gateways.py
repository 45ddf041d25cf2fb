from piste.runs.dispatch import action

ActionModule = action("smc_engine_gateways")
