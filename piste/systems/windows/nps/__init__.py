"""Network Policy Servers (NPS): RADIUS clients and policies, in one exported document."""
