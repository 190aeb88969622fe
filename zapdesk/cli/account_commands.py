"""The commands of accounts: signing in and out, and who is signed in."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zapdesk.cli import asking, codes, output
from zapdesk.cli.context import Context
from zapdesk.cli.keyring_command import find_home
from zapdesk.domain.profiles import ZAPIER, ZAPIER_ID, Profile, ServerKind, SignInKind
from zapdesk.domain.scopes import USUAL, missing
from zapdesk.errors import InvalidInput
from zapdesk.services.access import SECRET_VARIABLE

if TYPE_CHECKING:
    from zapdesk.services.accounts import SignedIn
    from zapdesk.services.sign_in import SignIn


async def sign_in(context: Context) -> int:
    """Get a token for a profile: by consent in the browser, or pasted."""
    profile, options = _profile(context), context.options
    accounts = context.program.accounts
    if options.token:
        await find_home(context)
        token = await asking.secret("Token: ", "the token")
        return await tell_signed_in(context, await accounts.use_token(profile, token))
    if options.client_id_only:
        client_id = options.client_id or profile.client_id
        return await tell_signed_in(context, await accounts.use_client_id(profile, client_id))
    profile = replace(
        profile,
        sign_in=SignInKind.OAUTH,
        client_id=options.client_id or profile.client_id,
        scopes=tuple(options.scope or profile.scopes or USUAL),
    )
    if not profile.client_id:
        raise InvalidInput(
            "Signing in needs the client id of your integration.",
            hint="Give --client-id, or --token to paste a token instead.",
        )
    await find_home(context)
    secret = context.program.access.client_secret
    if not secret and not await accounts.has_client_secret(profile):
        secret = await asking.secret("Client secret: ", f"the client secret, or {SECRET_VARIABLE}")
    attempt = await accounts.begin_sign_in(profile, secret, options.port or ())
    try:
        await _lead(attempt, opens=not options.no_browser)
        outcome = await accounts.finish_sign_in(profile, attempt, secret)
    finally:
        await attempt.close()
    return await tell_signed_in(context, outcome)


async def sign_out(context: Context) -> int:
    """Forget a profile's secrets on this computer."""
    profile = _profile(context)
    await context.program.accounts.sign_out(profile)
    _print(context, {"profile": profile.name, "is_signed_in": False})
    if not context.is_json:
        output.line(f"Signed out of {profile.name}. Nothing of it is left on this computer.")
    output.say("To take the access back at Zapier too, remove zapdesk's integration there.")
    return codes.DONE


async def whoami(context: Context) -> int:
    """Ask the server whose token it is."""
    session = await context.session()
    person = await session.person()
    profile, name = session.profile, session.profile.name
    told = {"profile": name, "is_signed_in": True, "name": person.name, "email": person.email}
    _print(context, told | acting(profile))
    if not context.is_json:
        rows = [("Profile", name), ("Name", person.name), ("E-mail", person.email)]
        if profile.acts_for:
            rows.append(("Acting for", profile.partner.shown))
        output.table(rows, "")
    return codes.DONE


async def _lead(attempt: SignIn, *, opens: bool) -> None:
    """Bring a person to the consent page; the link is always shown too."""
    output.say("Open this link in a browser and agree:")
    output.say(f"    {attempt.link}")
    output.say(f"It leads back to {attempt.redirect_uri}, within five minutes.")
    if opens:
        # Its answer says only whether something was started.
        await asyncio.to_thread(webbrowser.open, attempt.link)
    if not attempt.is_listening:
        attempt.paste(await _ask("No port could be opened. Paste the address you end at: "))


async def tell_signed_in(context: Context, outcome: SignedIn) -> int:
    """Use the profile from now on, and say what came of signing in."""
    accounts, profile, scopes = context.program.accounts, outcome.profile, outcome.granted
    try:
        await accounts.notes.keep_used(profile)
    except OSError as error:
        output.say(f"zapdesk: The next command will not use this profile by itself. {error}")
    lost = missing(scopes) if scopes else ()
    _print(
        context,
        {
            "profile": profile.name,
            "is_signed_in": profile.sign_in is not SignInKind.CLIENT_ID,
            "scopes": list(scopes),
            "missing": [{"scope": scope.name, "lost": scope.lost} for scope in lost],
            "is_kept": outcome.is_kept,
            **acting(profile),
        },
    )
    if not context.is_json:
        if profile.sign_in is SignInKind.CLIENT_ID:
            output.line(f"Apps and actions of {profile.name} can be seen, and nothing run.")
        elif profile.acts_for:
            output.line(f"Acting for {profile.partner.shown} in {profile.name}.")
        else:
            output.line(f"Signed in to {profile.name}.")
    for scope in lost:
        output.say(f"zapdesk: without {scope.name}: {scope.lost}")
    if not outcome.is_kept:
        output.say(
            f"zapdesk: {accounts.trouble or 'There is no keyring.'} "
            "It cannot be kept beyond this command: set ZAPDESK_TOKEN instead."
        )
    return codes.DONE


def acting(profile: Profile) -> dict[str, Any]:
    """For whom one acts in a profile; nothing where it is oneself."""
    if not profile.acts_for:
        return {}
    partner = profile.partner
    told = {"user": partner.user, "name": partner.user_name, "tenant": partner.tenant}
    return {"acts_for": told}


def _print(context: Context, account: dict[str, Any]) -> None:
    if context.is_json:
        output.document({"account": account})


def _profile(context: Context) -> Profile:
    """The profile that is meant: Zapier where none was named and the sandbox is in use."""
    profile = context.program.access.profile
    if profile.kind is not ServerKind.SANDBOX:
        return profile
    if getattr(context.options, "sandbox", False) or getattr(context.options, "profile", ""):
        raise InvalidInput("The sandbox needs no sign-in.", hint="It lets zapdesk in by itself.")
    return context.program.profiles.get(ZAPIER_ID) or ZAPIER


async def _ask(prompt: str) -> str:
    output.say(prompt)
    answer: str = await asyncio.to_thread(sys.stdin.readline)
    return answer
