"""Where secrets are kept: ``zapdesk keyring``, and what a sign-in needs before a secret exists."""

from __future__ import annotations

from zapdesk.cli import codes, output
from zapdesk.cli.context import Context
from zapdesk.domain.secret_store import FILE_WARNING, Condition, SecretStore
from zapdesk.errors import VaultUnusable


async def keyring(context: Context) -> int:
    """Try the place for secrets, or choose another, and tell how it stands."""
    options, vault = context.options, context.program.accounts.vault
    if options.use_file:
        output.say(f"zapdesk: {FILE_WARNING}")
        state = await vault.use_file()
    elif options.use_system:
        _say_that_it_may_ask()
        state = await vault.use_system()
    elif options.unlock:
        _say_that_it_may_ask()
        state = await vault.unlock()
    else:
        state = await vault.probe()
    if context.is_json:
        output.document(
            {
                "keyring": {
                    "name": vault.store_name,
                    "state": state.condition,
                    "is_usable": state.is_usable,
                    "told": state.text,
                }
            }
        )
    elif state.is_usable:
        output.line(f"{vault.store_name} keeps your secrets.")
    else:
        output.line(state.text)
        output.say(_ways(state))
    return codes.DONE if state.is_usable else codes.STORE


async def find_home(context: Context) -> None:
    """Make sure that a secret which comes into being now is kept.

    Raises VaultUnusable where it would be lost with the end of this command.
    """
    vault = context.program.accounts.vault
    state = await vault.probe()
    if state.condition is Condition.LOCKED:
        _say_that_it_may_ask()
        state = await vault.unlock()
    if not state.is_usable and context.options.keep_in_file:
        output.say(f"zapdesk: {FILE_WARNING}")
        state = await vault.use_file()
    if not state.is_usable:
        raise VaultUnusable(state.title, state.detail, hint=_ways(state))


def _say_that_it_may_ask() -> None:
    output.say("The keyring may ask for its password now, in a window of its own.")


def _ways(state: SecretStore) -> str:
    unlock = "Unlock it: zapdesk keyring --unlock. " if state.condition is Condition.LOCKED else ""
    other = "Use the other one: zapdesk keyring --use-system. "
    gone = other if state.condition is Condition.GONE else ""
    return (
        f"{unlock}{gone}Or give a token for one command in ZAPDESK_TOKEN, or keep secrets in a "
        "file: sign-in --keep-in-file."
    )
