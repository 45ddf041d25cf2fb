from piste.dispatch import action

ActionModule = action("nps_checks")
