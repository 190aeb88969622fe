"""How a profile is spoken of: its server, and what running something there means."""

from __future__ import annotations

from zapdesk.domain.profiles import Profile, ServerKind
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


def spoken(profile: Profile, *, is_current: bool = False) -> str:
    """All of a row of the list, for those who cannot see it."""
    parts = [one_line(profile.name, _LONGEST), server_words(profile)]
    if profile.is_live:
        parts.append("live")
    if is_current:
        parts.append("in use")
    return ", ".join(parts)
