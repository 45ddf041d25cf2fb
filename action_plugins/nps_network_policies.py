from piste.dispatch import action

ActionModule = action("nps_network_policies")
