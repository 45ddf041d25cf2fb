from piste.dispatch import action

ActionModule = action("piste_read")
