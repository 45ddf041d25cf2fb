from piste.dispatch import action

ActionModule = action("smc_routers")
