from piste.dispatch import action

ActionModule = action("restic_copies")
