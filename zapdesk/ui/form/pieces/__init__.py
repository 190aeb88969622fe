"""Pieces in a value: offered while typing, shown as tiles."""
