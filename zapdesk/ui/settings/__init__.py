"""The window of settings: a page for each part, made from the one table of settings."""
