"""``zapdesk profiles``: listed, made, changed, removed, given to somebody else and taken in."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from zapdesk.cli import asking, codes, output
from zapdesk.cli.context import Context
from zapdesk.domain.profile_editing import at_server, free_name, fresh, to_table
from zapdesk.domain.profiles import BUILT_IN, BodyShape, Profile, ServerKind, SignInKind
from zapdesk.domain.runs import RunFilter
from zapdesk.errors import InvalidInput, VaultUnusable

_TEXTS = {"name": "name", "colour": "colour", "client_id": "client_id", "time_zone": "time_zone"}


async def profiles(context: Context) -> int:
    """Do what was asked for."""
    await _DEEDS[context.options.deed](context)
    return codes.DONE


async def _list(context: Context) -> None:
    _count(context, 0, 0, "list")
    known = _known(context)
    if context.is_json:
        output.document({"profiles": [_document(context, profile) for profile in known]})
        return
    used = context.program.access.profile.id
    rows = [
        (
            "*" if profile.id == used else "",
            profile.name,
            _server(profile),
            "live" if profile.is_live else "",
            profile.id,
        )
        for profile in known
    ]
    output.table(rows, "")


async def _show(context: Context) -> None:
    profile = _named(context, "show NAME")
    _tell(context, profile, "")


async def _create(context: Context) -> None:
    _count(context, 1, 1, "create NAME")
    service, options = context.program.profiles, context.options
    kind, address = _server_of(options.server or "zapier")
    wanted = at_server(fresh(options.words[0], kind, service.all), kind, address)
    made = await service.create(_changed(wanted, options))
    _tell(context, made, f"Created {made.name}.")
    if made.kind is not ServerKind.SANDBOX:
        output.say(f"Sign in to it with: zapdesk --profile {made.id} sign-in")


async def _edit(context: Context) -> None:
    profile = _named(context, "edit NAME")
    options = context.options
    changed = _changed(profile, options)
    if options.server is not None:
        kind, address = _server_of(options.server)
        changed = at_server(changed, kind, address)
        if profile.id in BUILT_IN and changed.base_url != profile.base_url:
            raise InvalidInput(
                f"{profile.name} comes with zapdesk: its server stays.",
                hint="Make a new profile for another server.",
            )
    if changed == profile:
        raise InvalidInput("Nothing was changed.", hint="See: zapdesk profiles --help")
    changed = await context.program.profiles.edit(changed, profile)
    _tell(context, changed, f"Changed {changed.name}.")
    if (changed.kind, changed.base_url) != (profile.kind, profile.base_url):
        output.say("Its token was for the server before, and is removed: sign in again.")
        counts = await context.program.log.counts(RunFilter(profile.id))
        if any(count for status, count in counts.items() if status.is_open):
            before = profile.base_url or "the sandbox"
            output.say(f"Its runs that wait at {before} are followed only while it is there.")


async def _duplicate(context: Context) -> None:
    profile = _named(context, "duplicate NAME")
    service, options = context.program.profiles, context.options
    name = options.name or free_name(f"{profile.name} copy", service.all)
    copy = replace(profile, name=name, understands_effects=False)
    made = await service.create(replace(_changed(copy, options), name=name))
    _tell(context, made, f"Created {made.name}. It is not signed in.")


async def _delete(context: Context) -> None:
    profile = _named(context, "delete NAME")
    program, options = context.program, context.options
    if profile.id in BUILT_IN:
        raise InvalidInput(f"{profile.name} comes with zapdesk and cannot be deleted.")
    counts = await program.log.counts(RunFilter(profile.id))
    runs = sum(counts.values())
    stays = f"Its {runs:,} run{'s' * (runs != 1)} stay{'s' * (runs == 1)} in the log."
    output.say("Its drafts, presets and tabs go with it, and it is signed out.")
    if runs:
        output.say(stays)
    is_asked = not (options.yes or context.is_json) and asking.is_possible()
    if is_asked and not await asking.yes(f"Delete {profile.name}?"):
        raise InvalidInput("Nothing was deleted.", hint="With --yes it is not asked.")
    if profile.kind is not ServerKind.SANDBOX:
        try:
            await program.accounts.sign_out(profile)
        except VaultUnusable as error:
            output.say(f"zapdesk: Its token may stay in the keyring. {error}")
    await program.profiles.delete(profile)
    if context.is_json:
        output.document({"deleted": profile.id, "runs_kept": runs})
    else:
        output.line(f"Deleted {profile.name}.")


async def _export(context: Context) -> None:
    service, options = context.program.profiles, context.options
    chosen = [service.named(name) for name in options.words] or list(service.all)
    path = None if options.output is None else Path(options.output)
    shared = service.export(chosen) if path is None else await service.write_file(path, chosen)
    for profile, name in shared.left_out:
        output.say(f"zapdesk: {profile}: the value {name} looks secret and was left out.")
    if path is None:
        output.raw(shared.text)
    elif context.is_json:
        output.document({"file": str(path), "profiles": [p.id for p in chosen]})
    else:
        output.say(f"Written to {path}. No token and no client secret is in it.")


async def _import(context: Context) -> None:
    _count(context, 1, 1, "import FILE")
    service = context.program.profiles
    found = await service.read_file(Path(context.options.words[0]))
    made = [await service.create(profile) for profile in found]
    if context.is_json:
        output.document({"profiles": [_document(context, profile) for profile in made]})
        return
    output.table([(p.name, _server(p), "live" if p.is_live else "", p.id) for p in made], "")
    output.say("None is signed in. A token goes to the server that is named here.")


_DEEDS: Mapping[str, Callable[[Context], Awaitable[None]]] = {
    "list": _list,
    "show": _show,
    "create": _create,
    "edit": _edit,
    "duplicate": _duplicate,
    "delete": _delete,
    "export": _export,
    "import": _import,
}


def _known(context: Context) -> tuple[Profile, ...]:
    used, every = context.program.access.profile, context.program.profiles.all
    is_kept = context.program.profiles.get(used.id) is not None
    return every if is_kept else (*every, used)  # the environment named it


def _named(context: Context, usage: str) -> Profile:
    _count(context, 1, 1, usage)
    return context.program.profiles.named(context.options.words[0])


def _count(context: Context, least: int, most: int, usage: str) -> None:
    if not least <= len(context.options.words) <= most:
        raise InvalidInput(f"It is: zapdesk profiles {usage}.")


def _changed(profile: Profile, options: Namespace) -> Profile:
    """``profile`` with what the options say of it; what is wrong is found when it is kept."""
    changes: dict[str, Any] = {}
    for option, place in _TEXTS.items():
        if (value := getattr(options, option)) is not None:
            changes[place] = value
    if options.is_live is not None:
        changes["is_live"] = options.is_live
    if options.native is not None:
        changes["sends_native_values"] = options.native
    if options.way is not None:
        changes["sign_in"] = SignInKind(options.way)
    if options.body is not None:
        changes["body_shape"] = BodyShape(options.body)
    if options.scope is not None:
        changes["scopes"] = tuple(options.scope)
    if options.env:
        values = dict(profile.environment)
        for given in options.env:
            name, is_pair, value = given.partition("=")
            if not is_pair:
                raise InvalidInput(f"'{given}' is not NAME=VALUE.")
            values[name] = value
            if not value:
                del values[name]
        changes["environment"] = tuple(values.items())
    return replace(profile, **changes)


def _server_of(text: str) -> tuple[ServerKind, str]:
    try:
        kind = ServerKind(text.lower())
    except ValueError:
        return ServerKind.CUSTOM, text
    if kind is ServerKind.CUSTOM:
        raise InvalidInput("'custom' is no address.", hint="Give it as in https://example.com.")
    return kind, ""


def _server(profile: Profile) -> str:
    return "sandbox" if profile.kind is ServerKind.SANDBOX else profile.base_url


def _document(context: Context, profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.id,
        "name": profile.name,
        "server": profile.kind.value,
        "base_url": profile.base_url,
        "is_in_use": profile.id == context.program.access.profile.id,
        "is_live": profile.is_live,
        "settings": to_table(profile),
    }


def _tell(context: Context, profile: Profile, sentence: str) -> None:
    if context.is_json:
        output.document({"profile": _document(context, profile)})
        return
    if sentence:
        output.line(sentence)
        return
    environment = ", ".join(f"{name}={value}" for name, value in profile.environment)
    rows = [
        ("Name", profile.name),
        ("Id", profile.id),
        ("Server", _server(profile)),
        ("Colour", profile.colour),
        ("Live", "yes" if profile.is_live else "no"),
        ("Signs in", profile.sign_in.value if profile.kind is not ServerKind.SANDBOX else ""),
        ("Client id", profile.client_id),
        ("Scopes", " ".join(profile.scopes)),
        ("Body of a run", profile.body_shape.value),
        ("Values", "native" if profile.sends_native_values else "as text"),
        ("Time zone", profile.time_zone or "of this computer"),
        ("Environment", environment),
    ]
    output.table([row for row in rows if row[1]], "")
