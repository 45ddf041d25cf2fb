from piste.dispatch import action

ActionModule = action("nps_radius_clients")
