"""The grammar of ``zapdesk profiles``."""

from __future__ import annotations

import argparse

from zapdesk.domain.profiles import BodyShape, SignInKind

DEEDS = ("list", "show", "create", "edit", "duplicate", "delete", "export", "import")

_SERVER_HELP = """zapier, sandbox, or an address such as https://api.example.com"""
_ENV_HELP = """a value that forms and --resolve can insert as {{env.NAME}}; NAME= takes it away.
Several are possible. They are kept in the settings file: no place for secrets"""
_EXPORT_HELP = """for export: a file that only you can read, in place of standard output"""


def add_profile_options(command: argparse.ArgumentParser) -> None:
    """Give ``command`` what it understands."""
    command.add_argument(
        "deed",
        nargs="?",
        choices=DEEDS,
        default="list",
        metavar="list | show | create | edit | duplicate | delete | export | import",
        help="without one: list. show, edit, duplicate and delete take a NAME, create the new one, "
        "export some or none for all, import a FILE",
    )
    command.add_argument("words", nargs="*", metavar="NAME|FILE", help="a name, an id, or a file")
    command.add_argument("--server", metavar="S", help=_SERVER_HELP)
    command.add_argument("--name", metavar="NAME", help="another name")
    command.add_argument("--colour", metavar="#RRGGBB")
    live = command.add_mutually_exclusive_group()
    live.add_argument(
        "--live",
        action="store_true",
        default=None,
        dest="is_live",
        help="ask before something is written",
    )
    live.add_argument("--not-live", action="store_false", default=None, dest="is_live")
    ways, shapes = [kind.value for kind in SignInKind], [shape.value for shape in BodyShape]
    command.add_argument("--sign-in", choices=ways, dest="way", metavar="WAY", help=", ".join(ways))
    command.add_argument("--client-id", metavar="ID")
    command.add_argument("--scope", action="append", metavar="S", help="several are possible")
    command.add_argument(
        "--body", choices=shapes, metavar="B", help=f"of a run: {', '.join(shapes)}"
    )
    native = command.add_mutually_exclusive_group()
    native.add_argument(
        "--native-values",
        action="store_true",
        default=None,
        dest="native",
        help="send numbers and yes or no as such",
    )
    native.add_argument("--text-values", action="store_false", default=None, dest="native")
    command.add_argument("--time-zone", metavar="ZONE", help="such as Europe/Berlin; '' for none")
    command.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help=_ENV_HELP)
    command.add_argument("--output", metavar="FILE", help=_EXPORT_HELP)
    command.add_argument("--yes", action="store_true", help="delete without a question")
