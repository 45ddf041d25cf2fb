from piste.dispatch import action

ActionModule = action("winrm_checks")
