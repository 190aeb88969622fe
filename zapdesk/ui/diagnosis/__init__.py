"""Self-test and network: what works, whom zapdesk speaks to, and the switch that stops it."""
