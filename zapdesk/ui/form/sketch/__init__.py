"""Rows as they are drawn in their places until their widgets have been made."""
