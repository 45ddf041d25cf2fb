from piste.dispatch import action

ActionModule = action("nexus_living")
