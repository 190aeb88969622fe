"""Tokens, themes, icons, fonts, sizes."""
