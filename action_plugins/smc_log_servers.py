from piste.runs.dispatch import action

ActionModule = action("smc_log_servers")
