"""Where a browser comes back to after a person's consent: addresses on this computer.

A registration may compare them to the letter; then the fixed ports are used.
"""

from __future__ import annotations

REDIRECT_PATH = "/oauth/callback"
FIXED_PORTS = (49613, 49614, 49615)
"""From the range that no program is given by registration; three, as one may be taken."""


def redirect_address(port: int) -> str:
    """The address at a port, as a registration has to name it."""
    return f"http://127.0.0.1:{port}{REDIRECT_PATH}"
