"""The middle area: an action, its connection, its form, Run."""
