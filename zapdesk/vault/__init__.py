"""Secrets: where they are kept, and that nothing waits for a store that does not answer.

keyring blocks for as long as its daemon likes, and picks backends that keep secrets in plain text
or nowhere. So only known good ones are used, by name, on a thread that is given up when it hangs.
"""

from zapdesk.vault.vault import DEADLINE_S, MOST, UNLOCK_DEADLINE_S, Vault

__all__ = ["DEADLINE_S", "MOST", "UNLOCK_DEADLINE_S", "Vault"]
