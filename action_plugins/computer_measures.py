from piste.dispatch import action

ActionModule = action("computer_measures")
