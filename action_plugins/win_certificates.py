from piste.dispatch import action

ActionModule = action("win_certificates")
