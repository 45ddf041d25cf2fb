from piste.runs.dispatch import action

ActionModule = action("nps_radius_clients")
