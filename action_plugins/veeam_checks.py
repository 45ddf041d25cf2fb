from piste.dispatch import action

ActionModule = action("veeam_checks")
