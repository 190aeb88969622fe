"""The action browser: search, apps, their actions."""
