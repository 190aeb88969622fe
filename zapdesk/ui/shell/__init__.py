"""The process and the window: from the first frame to the last."""
