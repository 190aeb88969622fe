"""The body that will be sent, shown and edited as JSON."""
