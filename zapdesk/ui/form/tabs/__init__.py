"""Several forms at once."""
