from piste.runs.dispatch import action

ActionModule = action("nps_network_policies")
