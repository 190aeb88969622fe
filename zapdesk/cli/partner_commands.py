"""The command of White Label partners: acting for an end user."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from zapdesk.cli import asking
from zapdesk.cli.account_commands import tell_signed_in
from zapdesk.cli.context import Context
from zapdesk.cli.keyring_command import find_home
from zapdesk.domain.partner import Partner, check
from zapdesk.domain.profiles import Profile, ServerKind
from zapdesk.errors import InvalidInput
from zapdesk.services.access import SECRET_VARIABLE

_MOST_KEY = 64 * 1024


async def act_for(context: Context) -> int:
    """Get a token for an end user; what was given once need not be given again."""
    options, accounts = context.options, context.program.accounts
    profile = context.program.access.profile
    profile = replace(
        profile,
        partner=_partner(context, profile),
        client_id=options.client_id or profile.client_id,
        scopes=tuple(options.scope or profile.scopes),
    )
    secret = pem = ""
    if profile.kind is not ServerKind.SANDBOX:  # it has a partner of its own
        await find_home(context)
        pem = await _key(options.key) if options.key else ""
        secret = context.program.access.client_secret
        if not secret and not await accounts.has_client_secret(profile):
            what = f"the client secret, or {SECRET_VARIABLE}"
            secret = await asking.secret("Client secret: ", what)
    return await tell_signed_in(
        context, await accounts.use_partner(profile, secret=secret, pem=pem)
    )  # fmt: skip


def _partner(context: Context, profile: Profile) -> Partner:
    options, known = context.options, profile.partner
    name = options.name or (known.user_name if options.user == known.user else "")
    given = {
        "user": options.user,
        "user_name": name,
        "tenant": options.tenant or known.tenant,
        "tenant_claim": options.tenant_claim or known.tenant_claim,
        "issuer": options.issuer or known.issuer,
        "key_id": options.key_id or known.key_id,
    }
    return Partner(**{field: check(field, text) for field, text in given.items()})


async def _key(file: str) -> str:
    """The text of the key's file; - is standard input."""

    def read() -> str:
        if file == "-":
            return sys.stdin.read(_MOST_KEY)
        with Path(file).open(encoding="ascii") as opened:
            return opened.read(_MOST_KEY)

    try:
        return await asyncio.to_thread(read)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidInput(f"The key cannot be read: {reason}.", file) from None
