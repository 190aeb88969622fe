"""Checks of the way to the server: proxy, name, certificate, an answer, its clock."""

from __future__ import annotations

import ipaddress
import time
from urllib.parse import urlsplit

from zapdesk.api import endpoints, probes
from zapdesk.api.probes import Certificate
from zapdesk.api.routes import Proxy
from zapdesk.api.tls import missing_store
from zapdesk.api.traffic import is_local
from zapdesk.domain.diagnosis import Finding, failed, passed, skipped, warning
from zapdesk.domain.profiles import ServerKind
from zapdesk.errors import Failed, Offline, Refused, Side, Unreachable, Unreadable
from zapdesk.services.checks.surroundings import Look

_PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")

CLOCK_WARNS_S, CLOCK_FAILS_S = 30.0, 300.0
"""So far a clock may be off: from the first on it is told, from the second on it is a failure."""

_SOON_S = 14 * 24 * 3600.0

LISTENERS = (
    "Zscaler", "Netskope", "Fortinet", "FortiGate", "Palo Alto", "Blue Coat", "BlueCoat",
    "Symantec Web", "Cisco Umbrella", "Check Point", "Sophos", "Kaspersky", "Avast", "AVG",
    "ESET", "Bitdefender", "Norton", "McAfee", "Trend Micro", "Forcepoint", "Websense",
    "Barracuda", "WatchGuard", "SonicWall", "Untangle", "Menlo", "iboss", "Lightspeed",
    "Securly", "AdGuard", "Cloudflare Gateway", "Cloudflare for Teams", "mitmproxy", "Charles",
    "Fiddler", "PortSwigger", "Burp", "Squid", "Superfish",
)  # fmt: skip
"""Programs and devices that open encrypted connections, by the name they sign them anew with."""


async def proxy(look: Look) -> Finding:
    """Which proxy is used, and whether it lets zapdesk through."""
    used = await look.proxy()
    if used is not None:
        return await _looked_through(used, look)
    named = [
        name
        for name in _PROXY_VARIABLES
        if look.around.environment.get(name) or look.around.environment.get(name.lower())
    ]
    if named:
        return passed(
            "None is used.",
            f"The environment names one ({', '.join(named)}), which the settings leave alone.",
        )
    return passed("None is used.")


async def _looked_through(used: Proxy, look: Look) -> Finding:
    parts = urlsplit((await look.way()).base_url)
    login = ("Signs in", "with a name and a password" if used.has_login else "no")
    if not probes.can_tunnel(used):
        return passed(f"The proxy {used.address} is used.", "", login)
    try:
        through, status = await probes.tunnel(used, parts.hostname or "", parts.port or 443)
    except OSError as error:
        return failed(
            f"The proxy {used.address} cannot be used.",
            _reason(error),
            "Check its address in Settings, Network, or choose none.",
            login,
        )
    if through is not None:
        through.transport.abort()
        return passed(f"The proxy {used.address} is used, and lets zapdesk through.", "", login)
    if status == 407:
        return failed(
            f"The proxy {used.address} asks for a name and a password.",
            "It takes none that are kept." if used.has_login else "None are kept.",
            "Give them in Settings, Network.",
            login,
        )
    return failed(
        f"The proxy {used.address} does not let zapdesk through (status {status}).",
        f"It was asked for {parts.hostname}.",
        "Ask whoever runs it to allow that server.",
        login,
    )


async def dns(look: Look) -> Finding:
    """Whether the server's name leads somewhere."""
    host = await look.host()
    if is_local(host) or _is_address(host):
        return skipped("There is no name to look up.", f"The server is at {host}.")
    if await look.proxy() is not None:
        return skipped("The proxy looks it up.")
    try:
        found = await probes.look_up(host)
    except OSError as error:
        return failed(
            f"The name {host} was not found.",
            _reason(error),
            "Check whether this computer is online, and its DNS settings.",
        )
    private = [text for text in found if _is_private(text)]
    facts = ("Addresses", ", ".join(found[:8]))
    if private and look.around.profile.kind is ServerKind.ZAPIER:
        return warning(
            f"The name {host} leads to an address inside your own network.",
            f"{private[0]} is not Zapier's: a filter or a sign-in page stands in between.",
            "Sign in to this network in a browser, or ask whoever runs its DNS.",
            facts,
        )
    return passed(f"{host} was found.", "", facts)


async def tls(look: Look) -> Finding:
    """Who vouches for the server, and whether somebody opens the encryption."""
    parts = urlsplit((await look.way()).base_url)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https":
        return skipped("Not encrypted.", "The server is on this computer, so nothing leaves it.")
    proxy = await look.proxy()
    if proxy is not None and not probes.can_tunnel(proxy):
        return skipped(
            "Not looked at through this kind of proxy.",
            "Whether the certificate is accepted, the answer of the server tells.",
        )
    try:
        found = await probes.certificate(host, port, await look.context(), proxy)
    except OSError as error:
        return failed(
            f"No encrypted connection to {host} was possible.",
            _reason(error),
            "Check whether this network, a firewall or a security program blocks it.",
        )
    facts = _facts(found)
    listener = _listener(found)
    if found.refusal:
        return _refused(host, found, listener, look.around.now(), facts)
    if listener or (not found.is_public and look.around.profile.kind is ServerKind.ZAPIER):
        return warning(
            f"The encryption is opened on the way, by {listener or found.issuer}.",
            "This computer trusts whoever does that, so it works; they can read everything,"
            " your token too.",
            "Ask whoever runs this computer whether that is meant.",
            *facts,
        )
    if found.ends_at is not None and found.ends_at - look.around.now() < _SOON_S:
        return warning(
            f"The certificate of {host} ends on {probes.day(found.ends_at)}.",
            "After that day it is not accepted any more.",
            "Tell whoever runs the server.",
            *facts,
        )
    who = found.issuer or "an authority without a name"
    return passed(f"Encrypted ({found.version}), vouched for by {who}.", "", *facts)


def _refused(
    host: str, found: Certificate, listener: str, now: float, facts: tuple[tuple[str, str], ...]
) -> Finding:
    summary = f"The certificate of {host} is not accepted: {found.refusal}."
    if missing := missing_store():
        return failed(
            summary,
            f"{missing} in the environment names a place that is not there, so no authority is"
            " trusted.",
            f"Take {missing} out of the environment, or let it name the certificates.",
            *facts,
        )
    if listener:
        return failed(
            summary,
            f"{listener} opens the encryption on the way, and this computer does not trust it.",
            "Ask whoever runs this network for their CA certificate, and give it in the settings.",
            *facts,
        )
    if "expired" in found.refusal or "not yet valid" in found.refusal:
        day = probes.day(now)
        return failed(
            summary,
            f"Either the server's certificate is out of date, or this computer's clock is wrong:"
            f" it says {day}.",
            "Check the clock; if it is right, tell whoever runs the server.",
            *facts,
        )
    signer = f"It was issued by {found.issuer}. " if found.issuer else ""
    return failed(
        summary,
        f"{signer}Someone may be listening in, so nothing is sent.",
        "Try another network. If the server is your own, give its CA certificate in the settings.",
        *facts,
    )


async def reach(look: Look) -> Finding:
    """Whether the server itself answers, and not a network's sign-in page."""
    host = await look.host()
    begun = time.monotonic()
    try:
        await look.ask(endpoints.categories())
    except Offline:
        raise
    except Unreachable as error:
        return failed(error.title, error.detail, "Check the network, then test again.")
    except Refused as error:
        return passed(f"{host} answers (status {error.status}).")
    except Failed as error:
        if isinstance(error, Unreadable) or error.side is Side.NETWORK:
            return _something_else(error)
        return failed(
            error.title,
            error.detail,
            "Try again in a while; status.zapier.com tells of troubles at Zapier."
            if host.endswith("zapier.com")
            else "Try again in a while, or ask whoever runs the server.",
        )
    took = (time.monotonic() - begun) * 1000
    return passed(f"{host} answers.", "", ("Time", f"{took:.0f} ms"))


def _something_else(error: Failed) -> Finding:
    if isinstance(error, Unreadable) and "web page" not in error.title:
        return failed(error.title, error.detail, error.hint or "Try again in a while.")
    if error.status is None:
        return failed(error.title, error.detail, error.hint)
    return failed(
        "This network wants a sign-in page.",
        f"{error.title} {error.detail}".strip(),
        "Open any page in a browser, sign in to the network there, then test again.",
        ("Status", str(error.status)),
    )


async def clock(look: Look) -> Finding:
    """Whether this computer's clock agrees with the server's."""
    offset = look.clock_offset_s
    if offset is None:
        return skipped("The server did not tell its time.")
    if abs(offset) < CLOCK_WARNS_S:
        return passed("It agrees with the server's.", "", ("Off by", f"{offset:+.0f} s"))
    way = "behind" if offset > 0 else "ahead of"
    tell = failed if abs(offset) >= CLOCK_FAILS_S else warning
    return tell(
        f"This computer's clock is {_length(abs(offset))} {way} the server's.",
        "Times in the history are off, and sign-ins and certificates can be refused.",
        "Set the clock, best by letting the system do it.",
        ("Off by", f"{offset:+.0f} s"),
    )


def _length(seconds: float) -> str:
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"


def _facts(found: Certificate) -> tuple[tuple[str, str], ...]:
    ends = "" if found.ends_at is None else probes.day(found.ends_at)
    told = (
        ("Issued to", found.subject),
        ("Issued by", found.issuer),
        ("Chain", " ← ".join(found.chain) if len(found.chain) > 1 else ""),
        ("Valid until", ends),
    )
    return tuple((name, text) for name, text in told if text)


def _listener(found: Certificate) -> str:
    told = " ".join((found.issuer, *found.chain[1:])).casefold()
    return next((name for name in LISTENERS if name.casefold() in told), "")


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "There was no answer in time."
    words = error.strerror or str(error) or type(error).__name__
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_private(text: str) -> bool:
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_private
    except ValueError:
        return False
