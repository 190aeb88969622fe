"""zapdesk: a desktop client for running actions over Zapier's Workflow API."""

__version__ = "0.1.0"
