"""The grammar of the command line, with its help texts. Nothing is done here."""

from __future__ import annotations

import argparse
import math
from functools import partial
from typing import Any, NoReturn

from zapdesk import __version__
from zapdesk.cli import help_texts
from zapdesk.cli.profile_arguments import add_profile_options
from zapdesk.domain.catalog import ACTION_TYPES
from zapdesk.domain.runs import RunStatus
from zapdesk.errors import InvalidInput

FORMATS = (
    "json", "jsonl", "csv", "har", "markdown", "curl", "python", "javascript", "cli", "capsule",
    "ticket",
)  # fmt: skip
"""The words of `Format`, which are needed before the services are imported."""

_LONGEST_WAIT_S = 7 * 24 * 3600
"""Zapier forgets a run after that."""


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises instead of ending the process, and guesses no long options."""

    def __init__(self, *given: Any, **options: Any) -> None:
        options["allow_abbrev"] = False
        super().__init__(*given, **options)

    def error(self, message: str) -> NoReturn:
        """Raise InvalidInput with argparse's own words."""
        sentence = message[:1].upper() + message[1:].rstrip(".") + "."
        raise InvalidInput(sentence, hint=f"See: {self.prog} --help")


def parser() -> Parser:
    """The whole grammar."""
    shared = Parser(add_help=False)
    group = shared.add_argument_group("for every command")
    # SUPPRESS: an option given before the command must survive the command's own default.
    group.add_argument(
        "--profile", metavar="NAME", default=argparse.SUPPRESS, help="which server and account"
    )
    group.add_argument(
        "--sandbox", action="store_true", default=argparse.SUPPRESS, help="use the local sandbox"
    )
    group.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="print one JSON document on stdout, everything else on stderr",
    )
    group.add_argument(
        "--offline",
        action="store_true",
        default=argparse.SUPPRESS,
        help="use the network for nothing, the sandbox included",
    )
    top = Parser(
        prog="zapdesk",
        parents=[shared],
        description="Run Zapier actions. Without a command the window opens.",
        epilog=help_texts.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"zapdesk {__version__}")
    top.add_argument(
        "--screenshot",
        metavar="FILE",
        help="open the window, save a picture of it once it is filled, and close",
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)

    def add(name: str, text: str) -> Parser:
        made: Parser = commands.add_parser(
            name, parents=[shared], help=text, description=text[:1].upper() + text[1:] + "."
        )
        return made

    apps = add("apps", "find apps")
    apps.add_argument("query", nargs="?", default="", metavar="QUERY")
    apps.add_argument("--limit", type=_count, default=100, metavar="N")

    actions = add("actions", "list an app's actions")
    _app(actions)
    actions.add_argument("--type", choices=ACTION_TYPES, metavar="T", help=", ".join(ACTION_TYPES))

    connections = add("connections", "list your connections, and whether they work")
    connections.add_argument(
        "app",
        nargs="?",
        metavar="APP",
        help="an id, or a title that fits one app; without it what was seen last, of every app",
    )
    connect = add("connect", "connect an app in your browser, and wait until it is done")
    _app(connect)
    connect.add_argument("--renew", metavar="ID", help="the connection that shall work again")
    connect.add_argument("--no-browser", action="store_true", help="only print the link")
    connect.add_argument(
        "--wait", type=_seconds, default=900.0, metavar="SECONDS", help="default: 900"
    )
    connect.add_argument(
        "--key",
        action="append",
        metavar="FIELD",
        help="connect by a key instead, in the field that the app calls FIELD, for example api_key;"
        " its value is asked for unseen, or read from a line of stdin; several are possible",
    )
    connect.add_argument("--title", default="", metavar="TEXT", help="of a connection by a key")

    fields = add("fields", "show an action's form, as it is for the inputs given")
    _action(fields)
    _filling(fields)

    choices = add("choices", "list what a field offers")
    _action(choices)
    choices.add_argument("field", metavar="FIELD")
    choices.add_argument("--all", action="store_true", help="load every page")
    choices.add_argument("--search", metavar="TEXT", help="only those with TEXT in label or id")
    _filling(choices)

    for name, text in (
        ("run", "run an action and wait for its end; it has real effects"),
        ("test", "run an action as a step test; it really executes, with real effects"),
    ):
        command = add(name, text)
        _action(command)
        _filling(command)
        waiting = command.add_mutually_exclusive_group()
        waiting.add_argument(
            "--wait", type=_seconds, default=900.0, metavar="SECONDS", help="default: 900"
        )
        waiting.add_argument("--no-wait", action="store_true", help="return once it is accepted")
        command.add_argument("--again", action="store_true", help=help_texts.AGAIN_HELP)
        command.add_argument("--yes", action="store_true", help=help_texts.YES_HELP)

    runs = add("runs", "list the runs in the local log, newest first")
    _narrowing(runs)
    runs.add_argument("--limit", type=_count, default=50, metavar="N")

    show = add("show", "show a run from the local log, or the one in a .zapdesk file")
    show.add_argument(
        "run", metavar="RUN", help="an id, a unique beginning of one, last, or a .zapdesk file"
    )
    watch = add("watch", "wait for the end of a run")
    _run(watch)
    watch.add_argument("--wait", type=_seconds, default=900.0, metavar="SECONDS")

    resolve = add("resolve", "close a run of unknown outcome with what you found out yourself")
    _run(resolve)
    resolve.add_argument(
        "resolution",
        choices=("happened", "did-not", "leave"),
        help="it happened; it did not; or leave it open",
    )
    resolve.add_argument("--note", default="", metavar="TEXT", help="what you found, kept with it")

    export = add("export", "write a run, or all that fit, in another form; secrets are hidden")
    export.add_argument(
        "run", nargs="?", metavar="RUN", help="an id, a unique beginning of one, or last"
    )
    export.add_argument(
        "--format", choices=FORMATS, required=True, metavar="F", help=", ".join(FORMATS)
    )
    export.add_argument(
        "--output",
        metavar="FILE",
        help="a file only you can read; for a ticket the folder of its two files",
    )
    _narrowing(export)

    import_ = add("import", "take the run of a .zapdesk file into the history, for reading")
    import_.add_argument("file", metavar="FILE")

    log = add("log", "tell how the local log is: size, age, versions, damage, older copies")
    log.add_argument("--check", action="store_true", help="look through all of it for damage")
    _file(add("backup", "copy the log into a new file; it may be in use meanwhile"), "the new file")
    _file(add("restore", "put a backup in the place of the log, which is kept"), "a backup")

    compare = add("compare", "tell how two runs differ; exits with 1 where they do")
    _run(compare)
    compare.add_argument(
        "other", metavar="OTHER", help="another run, or 'baseline': the known good one of RUN"
    )
    compare.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="PATH",
        help="a place in the result to leave out, such as [*].id; several are possible",
    )
    compare.add_argument(
        "--ignore-noise",
        action="store_true",
        help="leave out ids and times that differ between repetitions with the same inputs",
    )
    compare.add_argument(
        "--remember",
        action="store_true",
        help="leave the same out from now on where runs of this action are compared",
    )
    compare.add_argument(
        "--everything", action="store_true", help="leave out nothing that was remembered"
    )

    baseline = add("baseline", "mark a run as the known good one of its action")
    _run(baseline)
    baseline.add_argument("--remove", action="store_true", help="take the mark away")

    sign_in = add("sign-in", "sign in to Zapier, or to the profile's server")
    sign_in.add_argument("--client-id", default="", metavar="ID", help="of your integration")
    sign_in.add_argument(
        "--scope", action="append", metavar="S", help="may be given several times; default: all"
    )
    sign_in.add_argument(
        "--port",
        type=_port,
        action="append",
        metavar="N",
        help="listen there, where the registration names a port; several are tried in turn",
    )
    sign_in.add_argument("--no-browser", action="store_true", help="only print the link")
    sign_in.add_argument(
        "--token", action="store_true", help="take a token from standard input instead"
    )
    sign_in.add_argument(
        "--client-id-only",
        action="store_true",
        help="see apps and actions with the client id alone; nothing can be run with it",
    )
    sign_in.add_argument("--keep-in-file", action="store_true", help=help_texts.FILE_HELP)
    add("sign-out", "forget the secrets of a profile on this computer")
    add("whoami", "ask the server whose token is in use")
    keyring = add(
        "keyring", "tell where secrets are kept and how that stands; exits with 7 if badly"
    )
    change = keyring.add_mutually_exclusive_group()
    change.add_argument("--unlock", action="store_true", help="let it ask for its password")
    change.add_argument(
        "--use-file", action="store_true", help="keep secrets in a file that only you can read"
    )
    change.add_argument(
        "--use-system",
        action="store_true",
        help="keep them in the system's keyring; those in the file move there",
    )
    act_for = add("act-for", "act for an end user, as a White Label partner of Zapier")
    act_for.add_argument("user", metavar="USER", help="the end user's id at the partner")
    act_for.add_argument("--name", default="", metavar="TEXT", help="what to call that person")
    act_for.add_argument("--tenant", default="", metavar="ID", help="the end user's organisation")
    act_for.add_argument(
        "--tenant-claim", default="", metavar="NAME", help="as agreed with Zapier; default: org_id"
    )
    act_for.add_argument("--issuer", default="", metavar="TEXT", help="as registered with Zapier")
    act_for.add_argument("--key-id", default="", metavar="ID", help="of the registered key")
    act_for.add_argument(
        "--key", default="", metavar="FILE", help="the private key, once; - is standard input"
    )
    act_for.add_argument("--client-id", default="", metavar="ID", help="of the partner")
    act_for.add_argument(
        "--scope", action="append", metavar="S", help="may be given several times; default: all"
    )
    act_for.add_argument("--keep-in-file", action="store_true", help=help_texts.FILE_HELP)

    add_profile_options(add("profiles", "list the profiles, make, change, give or take some"))

    settings = add("settings", "list what can be chosen, or choose it")
    settings.add_argument(
        "deed",
        nargs="?",
        choices=("list", "get", "set", "reset", "proxy-login", "test"),
        default="list",
        metavar="list | get NAME | set NAME VALUE | reset NAME… | proxy-login USER | test",
        help="without one: list. proxy-login keeps a name and a password, which it asks for, for"
        " the proxy in the keyring, and forgets them without USER; test asks the server for"
        " an answer",
    )
    settings.add_argument("words", nargs="*", metavar="", help=argparse.SUPPRESS)
    settings.add_argument("--all", action="store_true", help="reset every setting")
    settings.add_argument("--yes", action="store_true", help=help_texts.DROP_HELP)

    sandbox = add("sandbox", "run the sandbox here; its address and token come as JSON first")
    sandbox.add_argument("--port", type=_port, default=0, metavar="N")
    sandbox.add_argument("--apps", type=_apps, default=0, metavar="N", help="up to 10000 more apps")
    sandbox.add_argument("--dialect", choices=("spec", "guide", "mixed"), default="spec")
    sandbox.add_argument("--latency", type=_count_or_zero, default=0, metavar="MS")
    sandbox.add_argument("--rate-limit", type=_count, metavar="N", help="calls a minute")
    sandbox.add_argument(
        "--redirect-uri",
        action="append",
        default=[],
        metavar="URI",
        help="register this address alone for signing in, to the letter; may be repeated",
    )
    sandbox.add_argument("--until-idle", action="store_true", help=argparse.SUPPRESS)

    add("doctor", "test computer, network and account; nothing is run or changed")

    completion = add("completion", "print a completion script for your shell")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))
    return top


def _app(command: Parser) -> None:
    command.add_argument("app", metavar="APP", help="an id, or a title that fits one app")


def _action(command: Parser) -> None:
    _app(command)
    command.add_argument("action", metavar="ACTION", help="a key, or TYPE:key where two share it")


def _filling(command: Parser) -> None:
    command.add_argument(
        "--connection", metavar="ID", help="may be left out where exactly one can be used"
    )
    command.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="K=V",
        dest="pairs",
        help=help_texts.INPUT_HELP,
    )
    command.add_argument(
        "--inputs", metavar="FILE", help="a JSON object from field ids to values; - is stdin"
    )
    command.add_argument("--resolve", action="store_true", help=help_texts.RESOLVE_HELP)


def _narrowing(command: Parser) -> None:
    command.add_argument("--status", choices=[s.value for s in RunStatus], metavar="S")
    command.add_argument("--app", metavar="A", help="an app's id or title")
    command.add_argument("--search", metavar="TEXT", help="words in inputs, results or errors")


def _file(command: Parser, text: str) -> None:
    command.add_argument("file", metavar="FILE", help=text)


def _run(command: Parser) -> None:
    command.add_argument("run", metavar="RUN", help="an id, a unique beginning of one, or last")


def _whole(low: int, high: float, text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from None
    if not low <= number <= high:
        bounds = f"{low} or more" if high == math.inf else f"from {low} to {high:.0f}"
        raise argparse.ArgumentTypeError(f"it must be {bounds}, not {number}")
    return number


_count = partial(_whole, 1, math.inf)
_count_or_zero = partial(_whole, 0, math.inf)
_port = partial(_whole, 0, 65_535)
_apps = partial(_whole, 0, 10_000)


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number <= _LONGEST_WAIT_S:
        raise argparse.ArgumentTypeError(
            f"it must be a number of seconds from 0 to {_LONGEST_WAIT_S} (seven days), not '{text}'"
        )
    return number
