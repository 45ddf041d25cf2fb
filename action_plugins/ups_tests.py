from piste.dispatch import action

ActionModule = action("ups_tests")
