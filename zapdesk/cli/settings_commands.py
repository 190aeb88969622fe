"""``zapdesk settings``: what can be chosen, and choosing it. It needs no log and no server."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from zapdesk.bootstrap import choose_access, routing
from zapdesk.cli import asking, codes, output
from zapdesk.cli.keeping import runs_dropped
from zapdesk.domain.history import KEEPING
from zapdesk.domain.profiles import ZAPIER_URL
from zapdesk.errors import InvalidInput, VaultUnusable
from zapdesk.paths import Paths
from zapdesk.services import network
from zapdesk.services.preferences import Preferences, setting_named
from zapdesk.settings import DEFAULTS, Settings
from zapdesk.settings.table import PAGES, SETTINGS, Setting

_KEYS = "shortcuts"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def run(options: Namespace, paths: Paths) -> int:
    """Do what ``options`` say; the exit code."""
    preferences = Preferences(paths.settings, Settings.load(paths.settings))
    options.paths = paths
    for trouble in preferences.settings.troubles:
        output.say(f"zapdesk: {trouble}")
    asyncio.run(_DEEDS[options.deed](options, preferences))
    return codes.DONE


async def _list(options: Namespace, preferences: Preferences) -> None:
    _check_count(options, 0, "list")
    if _is_json(options):
        told = [_told(setting, preferences) for setting in SETTINGS.values()]
        troubles = list(preferences.settings.troubles)
        output.document({"settings": told, "file": str(preferences.path), "troubles": troubles})
        return
    rows = [
        (row.name, _value(row, preferences.settings), _mark(row, preferences), row.sentence)
        for row in SETTINGS.values()
    ]
    output.table(rows, "")


async def _get(options: Namespace, preferences: Preferences) -> None:
    _check_count(options, 1, "get NAME")
    setting = setting_named(options.words[0])
    if _is_json(options):
        output.document({"setting": _told(setting, preferences)})
    else:
        output.line(_value(setting, preferences.settings))


async def _set(options: Namespace, preferences: Preferences) -> None:
    _check_count(options, 2, "set NAME VALUE")
    name, text = options.words
    table, _, command = name.partition(".")
    if table == _KEYS and command:
        await preferences.change({(_KEYS, command): text})
        _tell_keys(command, options, preferences)
        return
    setting = setting_named(name)
    try:
        value = setting.of_text(text)
    except ValueError as error:
        raise InvalidInput(f"{error}.", "Nothing was changed.") from None
    dropped = await runs_dropped(setting.name, value, options, preferences.settings)
    await preferences.set(name, value)
    more = {"runs_to_drop": dropped} if setting.name in KEEPING else {}
    _tell_changed((setting,), options, preferences, more)


async def _reset(options: Namespace, preferences: Preferences) -> None:
    names = tuple(options.words)
    if bool(names) == options.all:
        raise InvalidInput("Which settings?", hint="Name them, or reset all of them with --all.")
    if options.all:
        await preferences.change({_KEYS: None})
    elif len(names) == 1 and names[0].startswith(f"{_KEYS}."):
        command = names[0].removeprefix(f"{_KEYS}.")
        await preferences.change({(_KEYS, command): None})
        _tell_keys(command, options, preferences)
        return
    chosen = tuple(setting_named(name) for name in (SETTINGS if options.all else names))
    await preferences.reset(*(setting.name for setting in chosen))
    _tell_changed(chosen, options, preferences)


async def _proxy_login(options: Namespace, preferences: Preferences) -> None:
    if len(options.words) > 1 or options.all:
        raise InvalidInput("This takes the form: zapdesk settings proxy-login USER")
    user = "".join(options.words)
    password = await asking.secret("Password: ", "the proxy's password") if user else ""
    ways = routing(options.paths, preferences.settings)
    is_kept = await ways.keep_proxy_login(user, password.rstrip("\r\n"))
    if not is_kept:
        raise VaultUnusable(
            "The password was not kept.",
            "No keyring of this computer can be used, and this command ends here.",
        )
    proxy = preferences.settings.proxy
    if _is_json(options):
        output.document({"proxy": {"address": proxy, "user": user}})
    else:
        output.line(f"{proxy} is told {user}." if user else f"{proxy} is told no name any more.")


async def _test(options: Namespace, preferences: Preferences) -> None:
    _check_count(options, 0, "test")
    network.switch(preferences.settings.offline or getattr(options, "offline", False))
    access = choose_access(preferences.settings, getattr(options, "profile", None), sandbox=False)
    reached = await routing(options.paths, preferences.settings).test(
        access.profile.base_url or ZAPIER_URL
    )
    if _is_json(options):
        told = {"host": reached.host, "seconds": round(reached.seconds, 3), "proxy": reached.proxy}
        output.document({"reached": told})
    else:
        output.line(reached.words)


def _tell_changed(
    chosen: tuple[Setting, ...],
    options: Namespace,
    preferences: Preferences,
    more: Mapping[str, Any] = _NOTHING,
) -> None:
    if _is_json(options):
        output.document({"settings": [_told(setting, preferences) for setting in chosen], **more})
        return
    for setting in chosen:
        output.line(f"{setting.name} = {_value(setting, preferences.settings)}")


def _tell_keys(command: str, options: Namespace, preferences: Preferences) -> None:
    """The window knows which commands and keys there are, and says what cannot be."""
    keys = preferences.settings.shortcuts.get(command)
    if _is_json(options):
        output.document(
            {"shortcut": {"command": command, "keys": None if keys is None else [*keys]}}
        )
    else:
        output.line(
            f"{_KEYS}.{command} = {'its own' if keys is None else ', '.join(keys) or 'none'}"
        )


def _is_json(options: Namespace) -> bool:
    return getattr(options, "json", False)


def _check_count(options: Namespace, count: int, usage: str) -> None:
    if len(options.words) != count or options.all:
        raise InvalidInput(f"This takes the form: zapdesk settings {usage}")


def _value(setting: Setting, settings: Settings) -> str:
    return setting.kind.to_text(getattr(settings, setting.name))


def _mark(setting: Setting, preferences: Preferences) -> str:
    return "default" if preferences.is_default(setting.name) else "chosen"


def _told(setting: Setting, preferences: Preferences) -> dict[str, Any]:
    return {
        "name": setting.name,
        "value": getattr(preferences.settings, setting.name),
        "default": getattr(DEFAULTS, setting.name),
        "is_default": preferences.is_default(setting.name),
        "takes": setting.kind.words,
        "title": setting.title,
        "sentence": setting.sentence,
        "page": PAGES[setting.page],
    }


_DEEDS = {
    "list": _list,
    "get": _get,
    "set": _set,
    "reset": _reset,
    "proxy-login": _proxy_login,
    "test": _test,
}
