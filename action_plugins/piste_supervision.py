from piste.dispatch import action

ActionModule = action("piste_supervision")
