from piste.dispatch import action

ActionModule = action("smc_log_servers")
