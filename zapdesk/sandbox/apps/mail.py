"""Mail: writes real .eml files to an outbox, and sends them where an SMTP server is named.

``ZAPDESK_SANDBOX_SMTP=host:port`` names one; it gets the mail in plain SMTP without sign-in.
"""

from __future__ import annotations

import asyncio
import os
import re
import smtplib
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

from zapdesk.paths import private_folder
from zapdesk.sandbox.definitions import Action, App, Call, Choice, Connection, Json, RunFailure
from zapdesk.sandbox.forms import info, select, text

_SMTP_VARIABLE = "ZAPDESK_SANDBOX_SMTP"
_SMTP_TIMEOUT_S = 15.0
_SENDERS = {
    "mail-1": "Sandbox User <sandbox@localhost.example>",
    "mail-2": "Harbour Studio <studio@harbour.example>",
}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS mails (
    seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, at REAL NOT NULL, sender TEXT NOT NULL,
    recipients TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL, file TEXT NOT NULL,
    sent_by TEXT NOT NULL)
"""


def _addresses(call: Call, key: str) -> list[Address]:
    """The addresses of an input, which is a list or text with commas."""
    value = call.inputs.get(key)
    parts = value if isinstance(value, list) else re.split(r"[,;\n]", call.text(key))
    found = []
    for part in filter(None, (str(part).strip() for part in parts)):
        name, address = parseaddr(part)
        try:
            if "@" not in address.strip("@"):
                raise ValueError
            found.append(Address(name, addr_spec=address))
        except (ValueError, IndexError):  # IndexError: what the parser raises for e.g. "a@"
            raise RunFailure("user", "Not an address", f"“{part}” is no e-mail address.") from None
    return found


def compose(call: Call) -> EmailMessage:
    """The mail that a run asks for. Raises ``RunFailure`` for addresses that are none."""
    mail = EmailMessage(policy=policy.SMTP)
    to = _addresses(call, "to")
    if not to:
        raise RunFailure("user", "No recipient", "A mail needs one address at least.")
    mail["From"] = _SENDERS.get(call.authentication or "", _SENDERS["mail-1"])
    mail["To"] = to
    copies = _addresses(call, "cc")
    if copies:
        mail["Cc"] = copies
    # A line break in a header would be a second header.
    mail["Subject"] = " ".join(call.text("subject").split())
    mail["Date"] = format_datetime(datetime.fromtimestamp(call.now, UTC))
    mail["Message-ID"] = f"<{call.run_id}@sandbox.localhost.example>"
    body = call.text("body")
    if call.text("body_type") == "html":
        mail.set_content(re.sub(r"<[^>]*>", "", body))
        mail.add_alternative(body, subtype="html")
    else:
        mail.set_content(body)
    return mail


async def _transmit(call: Call) -> str:
    """Send by SMTP where a server is named; what did it, for the record."""
    server = os.environ.get(_SMTP_VARIABLE, "")
    if not server:
        return "outbox"
    mail = compose(call)
    host, _, port = server.rpartition(":")

    def send() -> None:
        smtp = smtplib.SMTP(host, int(port), timeout=_SMTP_TIMEOUT_S)
        try:
            smtp.send_message(mail)
            # The mail is gone by now: how the server says goodbye changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
        finally:
            smtp.close()

    try:
        await asyncio.to_thread(send)
    except (OSError, ValueError, smtplib.SMTPException) as error:
        raise RunFailure("partner", "Mail not sent", f"{server} said: {error}") from None
    return f"smtp {server}"


def _send(call: Call) -> Sequence[Json]:
    mail = compose(call)
    # The name follows from the run: carried out again after a crash, it is the same file.
    path = private_folder(call.folder / "outbox") / f"{call.run_id}.eml"
    path.write_bytes(mail.as_bytes())
    path.chmod(0o600)
    call.db.execute(
        "INSERT INTO mails (run_id, at, sender, recipients, subject, body, file, sent_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (call.run_id, call.now, mail["From"], mail["To"], mail["Subject"], call.text("body"),
         path.name, call.answer),
    )  # fmt: skip
    return [
        {
            "message_id": mail["Message-ID"],
            "from": mail["From"],
            "to": [str(address) for address in mail["To"].addresses],
            "subject": mail["Subject"],
            "file": str(path),
            "sent_by": call.answer,
        }
    ]


def _mail_json(row: Any) -> Json:
    return {
        "subject": row["subject"],
        "from": row["sender"],
        "to": row["recipients"],
        "body": row["body"],
        "sent_at": datetime.fromtimestamp(row["at"], UTC).isoformat(timespec="seconds"),
    }


def _find(call: Call) -> Sequence[Json]:
    wanted = call.text("text").casefold()
    rows = call.db.execute("SELECT * FROM mails ORDER BY seq DESC")
    return [
        _mail_json(row)
        for row in rows
        if any(wanted in row[part].casefold() for part in ("subject", "recipients", "body"))
    ]


MAIL = App(
    id="5d9a0b7e-11a4-5b7a-8a77-2a4c19d0a002",
    key="SandboxMail",
    title="Mail",
    description="Writes e-mails to an outbox on this computer.",
    hex_color="d9480f",
    categories=("email", "communication"),
    connections=(
        Connection("mail-1", "sandbox@localhost.example"),
        Connection("mail-2", "studio@harbour.example"),
        Connection("mail-3", "old@harbour.example", is_expired=True),
    ),
    schema=_SCHEMA,
    actions=(
        Action(
            "send_email",
            "Send Email",
            "Writes an e-mail to the outbox, as an .eml file that any mail program opens.",
            "WRITE",
            _send,
            lambda _: (
                info("where", "Nothing leaves this computer unless an SMTP server was named."),
                text(
                    "to",
                    "To",
                    kind="ARRAY",
                    items="STRING",
                    required=True,
                    placeholder="marina@harbour.example",
                ),
                text("cc", "Cc", kind="ARRAY", items="STRING"),
                text("subject", "Subject", required=True),
                select("body_type", "Body type", default="plain"),
                text("body", "Body", form="MULTILINE", required=True),
            ),
            {"body_type": lambda _: (Choice("plain", "Plain text"), Choice("html", "HTML"))},
            sample={"message_id": "<1@sandbox.localhost.example>", "subject": "Hello"},
            outside=_transmit,
        ),
        Action(
            "find_email",
            "Find Email",
            "Finds mails of the outbox by their text.",
            "SEARCH",
            _find,
            lambda _: (text("text", "Text", required=True),),
            sample={"subject": "Hello", "from": "sandbox@localhost.example", "body": "Hi!"},
        ),
    ),
)
