from piste.dispatch import action

ActionModule = action("radius_tests")
