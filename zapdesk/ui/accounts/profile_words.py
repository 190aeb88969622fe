"""How a profile is spoken of: its server, and what running something there means."""

from __future__ import annotations

from zapdesk.domain.profiles import Profile, ServerKind, SignInKind
from zapdesk.ui.plain_text import one_line

_LONGEST = 120


def server_words(profile: Profile) -> str:
    """Which server answers, in a few words, and for whom a partner acts there."""
    match profile.kind:
        case ServerKind.SANDBOX:
            server = "Sandbox on this computer"
        case ServerKind.ZAPIER:
            server = "api.zapier.com"
        case ServerKind.CUSTOM:
            address = profile.base_url
            server = one_line(address.partition("://")[2] or address, _LONGEST)
    whom = one_line(profile.acts_for, _LONGEST)
    return f"{server}, for {whom}" if whom else server


def sign_in_words(profile: Profile) -> str:
    """How the profile signs in, as a sentence; empty where nobody has to."""
    if profile.kind is ServerKind.SANDBOX:
        return ""
    with_id = f", with the client id {one_line(profile.client_id, 60)}" if profile.client_id else ""
    match profile.sign_in:
        case SignInKind.OAUTH:
            return f"Signs in by your consent in the browser{with_id}."
        case SignInKind.CLIENT_ID:
            return f"Does not sign in{with_id}: apps can be seen, nothing runs."
        case SignInKind.PARTNER:
            for_ = one_line(profile.acts_for, 60)
            return f"Signs in with a partner's key{f', for {for_}' if for_ else ''}."
    return "Signs in with a pasted token."


def spoken(profile: Profile, *, is_current: bool = False) -> str:
    """All of a row of the list, for those who cannot see it."""
    parts = [one_line(profile.name, _LONGEST), server_words(profile)]
    if profile.is_live:
        parts.append("live")
    if is_current:
        parts.append("in use")
    return ", ".join(parts)
