"""The history and the detail of a run."""
