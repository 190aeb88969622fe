"""The longer texts of ``--help``: how commands end, what surrounds them, examples."""

from __future__ import annotations

EPILOG = """\
exit codes
   0  done; a run succeeded
   1  the run ended in error, or the step test failed; compared runs differ; a check failed
   2  wrong usage, or inputs that cannot be used; nothing was sent; nothing to resolve
   3  refused: not signed in, forbidden, rate-limited
   4  nothing was sent: unreachable; or a read failed after its retries
   5  outcome unknown, or the server lost track of the run
   6  still waiting
   7  the local log or the keyring cannot be used
   8  there is no display for the window
  70  a bug in zapdesk
 130  interrupted before anything was sent

environment
  ZAPDESK_TOKEN     a token for this call; it is never stored. It goes to ZAPDESK_BASE_URL
                    where that is set, else to Zapier
  ZAPDESK_CLIENT_SECRET  the secret that goes with --client-id, for sign-in and act-for
  ZAPDESK_BASE_URL  the server for this call (https, or http on this computer)
  ZAPDESK_HOME      one folder for everything zapdesk keeps

examples
  zapdesk --sandbox apps
  zapdesk --sandbox run Formatter text --input transform=upper --input text="hello"
  zapdesk run Mail WRITE:send_email --connection 4711 --inputs inputs.json --json
  zapdesk runs --status unknown
  zapdesk watch last
  zapdesk export last --format capsule --output run.zapdesk
  zapdesk resolve last happened --note "The row is there"
  zapdesk compare last baseline --ignore-noise
"""

INPUT_HELP = """K=V sends text (the first = that is not written \\= ends K; K= is the empty text),
K:=JSON any JSON, null included. The same K several times makes a list."""

AGAIN_HELP = """send what was sent a short while ago once more, linked to that run. Without it
a terminal asks where the same inputs succeeded, or may have run, within ten minutes; a script and
--json get a line on stderr and go on"""

DROP_HELP = """do not ask before keep_days or keep_megabytes drops old runs. Without it a
person at a terminal is told how many would go, and asked"""
YES_HELP = """do not ask before something is written in a live profile. Without it a person at a
terminal types the app's name; a script and --json are never asked"""

FILE_HELP = """where there is no keyring, keep secrets in a file that only you can read. It is not
encrypted: every program that you start can read it too"""

RESOLVE_HELP = """work out {{now}}, {{uuid}}, {{random.name}}, {{random.email}}, {{env.NAME}} and
fields of earlier runs such as {{run:last.results[0].id}} in texts; without it they stay as
they are written"""
