"""How the line about a result begins; known before the first frame, so nothing is imported."""

from __future__ import annotations

NO_DATA = "No data returned"
SAYS = "The result says "
"""Before what a result itself says of a failure."""
