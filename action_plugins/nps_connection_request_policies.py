from piste.dispatch import action

ActionModule = action("nps_connection_request_policies")
