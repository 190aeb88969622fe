"""Connections on screen: which there are, and how they are made and renewed."""
