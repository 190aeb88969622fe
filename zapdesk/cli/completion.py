"""Completion scripts for shells, made from the grammar itself."""

from __future__ import annotations

import argparse

_BASH = """\
# bash completion for zapdesk; load it with: source <(zapdesk completion bash)
_zapdesk() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" command="" part
    for part in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$part" in -*) ;; *) command="$part"; break ;; esac
    done
    local words
    case "$command" in
{cases}
        *) words="{top}" ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _zapdesk zapdesk
"""

_FISH = """\
# fish completion for zapdesk; load it with: zapdesk completion fish | source
{lines}
"""


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """The script for ``shell``: bash, zsh or fish."""
    commands = _commands(parser)
    if shell == "fish":
        return _fish(parser, commands)
    cases = "\n".join(
        f'        {name}) words="{" ".join(_words(command))}" ;;'
        for name, command in commands.items()
    )
    top = " ".join([*commands, *_words(parser)])
    bash = _BASH.format(cases=cases, top=top)
    if shell == "zsh":
        return "autoload -U +X bashcompinit && bashcompinit\n" + bash
    return bash


def _fish(parser: argparse.ArgumentParser, commands: dict[str, argparse.ArgumentParser]) -> str:
    lines = [
        f"complete -c zapdesk -n __fish_use_subcommand -a {name} -d '{_help(parser, name)}'"
        for name in commands
    ]
    for name, command in commands.items():
        for word in _words(command):
            lines.append(
                f"complete -c zapdesk -n '__fish_seen_subcommand_from {name}' "
                f"-l {word.removeprefix('--')}"
            )
    return _FISH.format(lines="\n".join(lines))


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _help(parser: argparse.ArgumentParser, name: str) -> str:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                if choice.dest == name:
                    return (choice.help or "").replace("'", "\\'")
    return ""


def _words(parser: argparse.ArgumentParser) -> list[str]:
    return [
        option
        for action in parser._actions
        if action.help is not argparse.SUPPRESS
        for option in action.option_strings
        if option.startswith("--")
    ]
