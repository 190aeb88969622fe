"""What the actions really do."""

from __future__ import annotations

import email
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.sandbox.talk import Talk, error_of, sandbox

CUSTOMERS = {"workspace": "ws_studio", "table": "tbl_customers"}


def leaves(nodes: list[Any]) -> list[Any]:
    return [
        leaf
        for node in nodes
        for leaf in (node["fields"] if node["type"] == "fieldset" else [node])
    ]


def test_the_chosen_tables_columns_become_typed_fields(talk: Talk) -> None:
    before = {field["id"] for field in talk.fields("Tables", "create_row")}
    assert before == {"workspace", "table"}
    kinds = {
        field["id"]: (field["value_type"], field.get("format"))
        for field in leaves(talk.fields("Tables", "create_row", **CUSTOMERS))
    }
    assert kinds["cell__orders"] == ("NUMBER", None)
    assert kinds["cell__newsletter"] == ("BOOLEAN", "SELECT")
    assert kinds["cell__since"] == ("STRING", "DATETIME")
    assert kinds["cell__interests"] == ("ARRAY", "SELECT")
    assert kinds["cell__notes"] == ("STRING", "MULTILINE")


def test_a_chain_of_three_drop_downs_follows_what_was_chosen(talk: Talk) -> None:
    fields = {field["id"]: field for field in talk.fields("Tables", "find_row")}
    assert fields["table"]["depends_on"] == ["workspace"]
    assert fields["table"]["invalidates_input_fields"]
    assert fields["column"]["depends_on"] == ["table"]
    key = "find_row"
    assert not talk.choices("Tables", key, "table")["data"]
    home = talk.choices("Tables", key, "table", workspace="ws_home")["data"]
    assert [choice["label"] for choice in home] == ["Tasks"]
    place = {"workspace": "ws_home", "table": home[0]["id"]}
    columns = talk.choices("Tables", key, "column", **place)["data"]
    assert "Due" in [choice["label"] for choice in columns]


def test_a_row_is_created_changed_found_and_deleted(talk: Talk) -> None:
    made = talk.result(
        "Tables", "create_row", **CUSTOMERS, cell__name="Zora", cell__email="z@example.org",
        cell__orders="12", cell__newsletter="true", cell__interests=["Cups", "Tiles"],
    )  # fmt: skip
    assert made["cells"]["orders"] == 12
    assert made["cells"]["newsletter"] is True
    rows = talk.choices("Tables", "update_row", "row", **CUSTOMERS)["data"]
    assert rows[0] == {"type": "choice", "id": made["id"], "label": "Zora", "value": made["id"]}
    talk.result("Tables", "update_row", **CUSTOMERS, row=made["id"], cell__orders="13.5")
    found = talk.result("Tables", "find_row", **CUSTOMERS, column="name", value="zor")
    assert (found["cells"]["orders"], found["cells"]["email"]) == (13.5, "z@example.org")
    talk.result("Tables", "delete_row", **CUSTOMERS, row=made["id"])
    assert talk.run("Tables", "find_row", **CUSTOMERS, column="name", value="zor")["results"] == []


def test_find_or_create_creates_once(talk: Talk) -> None:
    inputs = {**CUSTOMERS, "column": "name", "value": "Quill", "cell__name": "Quill"}
    first = talk.result("Tables", "find_or_create_row", **inputs)
    second = talk.result("Tables", "find_or_create_row", **inputs)
    assert (first["found"], second["found"]) == (False, True)
    assert first["id"] == second["id"]


def test_a_made_table_gets_a_form_of_its_own(talk: Talk) -> None:
    columns = {"Where": "text", "How far": "number", "Kind": "select"}
    made = talk.result("Tables", "create_table", workspace="ws_empty", title="T", columns=columns)
    place = {"workspace": "ws_empty", "table": made["id"]}
    fields = leaves(talk.fields("Tables", "create_row", **place))[2:]
    assert [field["title"] for field in fields] == list(columns)
    wrong = talk.run("Tables", "create_table", workspace="ws_empty", title="T", columns={"a": "b"})
    assert wrong["errors"][0]["code"] == "user"


def test_values_that_do_not_fit_a_column_are_the_users_error(talk: Talk) -> None:
    good = {"cell__name": "A", "cell__email": "a@example.org"}
    for wrong in ({"cell__orders": "many"}, {"cell__status": "Gone"}, {"cell__interests": ["Hats"]},
                  {"cell__city": ["a"]}, {"cell__name": ""}, {"table": "tbl_tasks"}):  # fmt: skip
        run = talk.run("Tables", "create_row", **{**CUSTOMERS, **good, **wrong})
        assert run["status"] == "error", wrong
        assert run["errors"][0]["code"] == "user"


def test_a_mail_is_a_real_file_that_mail_programs_read(talk: Talk) -> None:
    result = talk.result(
        "Mail", "send_email", to=["Zoë Ünal <zoe@example.org>", "b@example.org"], cc=[],
        subject="Grüße\r\nBcc: evil@example.org", body_type="html", body="<p>Hello 🌻</p>",
    )  # fmt: skip
    path = Path(result["file"])
    assert path.stat().st_mode & 0o777 == 0o600
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "Grüße Bcc: evil@example.org"
    assert mail["Bcc"] is None
    assert [one.addr_spec for one in mail["To"].addresses] == ["zoe@example.org", "b@example.org"]
    assert mail["To"].addresses[0].display_name == "Zoë Ünal"
    part = mail.get_body(("html",))
    assert part is not None
    assert part.get_content().strip() == "<p>Hello 🌻</p>"
    assert talk.result("Mail", "find_email", text="grüße")["body"] == "<p>Hello 🌻</p>"


@pytest.mark.parametrize("address", ["nobody", "@", "a@", "<>", "a b@c@d", ", ,"])
def test_what_is_no_address_gets_no_mail(talk: Talk, address: str) -> None:
    run = talk.run("Mail", "send_email", to=[address], subject="s", body="b")
    assert (run["status"], run["errors"][0]["code"]) == ("error", "user")


class _SmtpServer(socketserver.StreamRequestHandler):
    """The least of SMTP that a sender needs; it says goodbye in a wrong way."""

    mails: ClassVar[list[str]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        data = False
        lines: list[str] = []
        while line := self.rfile.readline().decode():
            if data:
                data = line != ".\r\n"
                lines.append(line)
                if not data:
                    self.mails.append("".join(lines))
                    self.wfile.write(b"250 kept\r\n")
                continue
            data = line.upper().startswith("DATA")
            self.wfile.write(b"354 go\r\n" if data else b"250 ok\r\n")


@contextmanager
def listening(server: socketserver.TCPServer) -> Iterator[int]:
    """The port of ``server`` while it serves in a thread."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_mail_goes_out_where_a_server_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with listening(socketserver.TCPServer(("127.0.0.1", 0), _SmtpServer)) as port:
        monkeypatch.setenv("ZAPDESK_SANDBOX_SMTP", f"127.0.0.1:{port}")
        with sandbox(tmp_path) as talk:
            inputs = {"to": ["a@example.org"], "subject": "Out", "body": "there"}
            assert talk.result("Mail", "send_email", **inputs)["sent_by"].startswith("smtp")
    assert "Subject: Out" in _SmtpServer.mails[-1]


class _Hook(BaseHTTPRequestHandler):
    """Keeps what it gets and answers by the path."""

    got: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.got.append((self.command, self.path, dict(self.headers), body))
        self.send_response(302 if "redirect" in self.path else 418)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b'{"tea": true}')

    do_POST = do_GET = _answer  # the names that the base class looks for

    def log_message(self, format: str, *args: Any) -> None:  # as in the base class
        del format, args


def test_a_webhook_is_a_real_request_and_follows_no_redirect(talk: Talk) -> None:
    with listening(HTTPServer(("127.0.0.1", 0), _Hook)) as port:
        url = f"http://127.0.0.1:{port}"
        payload, headers = {"a": "ü"}, {"X-Own": "1"}
        inputs = {"url": f"{url}/hook", "method": "POST", "payload": payload, "headers": headers}
        result = talk.result("Webhook", "send_request", **inputs)
        assert (result["status"], result["body"]) == (418, {"tea": True})
        method, _, sent, body = _Hook.got[-1]
        assert (method, sent["X-Own"], json.loads(body)) == ("POST", "1", payload)
        inputs = {"url": f"{url}/redirect", "method": "GET", "payload": payload}
        assert talk.result("Webhook", "send_request", **inputs)["status"] == 302
        assert _Hook.got[-1][1] == "/redirect?a=%C3%BC"


@pytest.mark.parametrize("url", ["not a url", "ftp://a.test/", "http://", "http://[::1"])
def test_what_is_no_web_address_is_the_users_error(talk: Talk, url: str) -> None:
    run = talk.run("Webhook", "send_request", url=url, method="POST")
    assert (run["status"], run["errors"][0]["code"]) == ("error", "user")


def test_nobody_listening_is_the_partners_error(talk: Talk) -> None:
    run = talk.run("Webhook", "send_request", url="http://127.0.0.1:9/", method="POST")
    assert run["errors"][0]["code"] == "partner"


def test_the_sandbox_catches_its_own_webhooks(talk: Talk) -> None:
    fields = talk.fields("Webhook", "send_request")
    url = fields[0]["description"].split("`")[1]
    talk.result("Webhook", "send_request", url=url, method="POST", payload={"hello": "you"})
    caught = talk.result("Webhook", "catch_hook")
    assert (caught["name"], caught["body"]) == ("demo", {"hello": "you"})
    assert talk.http.post("/hooks/wrong/demo", json={}).status_code == 404


@pytest.mark.parametrize(
    ("key", "inputs", "output"),
    [
        ("text", {"transform": "split", "text": "a;b", "separator": ";"}, ["a", "b"]),
        ("text", {"transform": "replace", "text": "aba", "find": "a"}, "b"),
        ("text", {"transform": "length", "text": "🌻ä"}, 2),
        ("text", {"transform": "slug", "text": "Crème Brûlée!"}, "creme-brulee"),
        ("calculate", {"formula": "0.1 + 0.2"}, "0.3"),
        ("calculate", {"formula": "(2 + 3) * -1.5"}, "-7.5"),
        ("calculate", {"formula": "123456789012345678901234567890 * 10"},
         "1234567890123456789012345678900"),
        ("format_number", {"number": "1234567.891", "decimals": "1", "grouping": "point"},
         "1.234.567,9"),
        ("format_date", {"date": "2026-03-29T14:05:00+02:00", "pattern": "european"}, "29.03.2026"),
        ("add_time", {"date": "2026-02-28", "amount": "1", "unit": "days", "pattern": "date"},
         "2026-03-01"),
    ],
)  # fmt: skip
def test_the_formatter_works_it_out(talk: Talk, key: str, inputs: Any, output: Any) -> None:
    assert talk.result("Formatter", key, **inputs) == {"output": output}


@pytest.mark.parametrize(
    ("key", "inputs"),
    [
        ("calculate", {"formula": "__import__('os')"}),
        ("calculate", {"formula": "1/0"}),
        ("calculate", {"formula": "9" * 501}),
        ("calculate", {"formula": "9**9**9"}),
        ("calculate", {"formula": "1e999999*10"}),
        ("calculate", {"formula": "("}),
        ("calculate", {"formula": "True + 1"}),
        ("text", {"transform": "dance", "text": "a"}),
        ("text", {"transform": "split", "text": "a", "separator": ""}),
        ("format_number", {"number": "1e200"}),
        ("format_number", {"number": "1", "decimals": "99"}),
        ("format_date", {"date": "tomorrow-ish"}),
        ("add_time", {"date": "2026-02-28", "amount": "1e300", "unit": "days"}),
    ],
)
def test_what_cannot_be_worked_out_is_the_users_error(talk: Talk, key: str, inputs: Any) -> None:
    run = talk.run("Formatter", key, **inputs)
    assert (run["status"], run["errors"][0]["code"]) == ("error", "user")


def test_over_two_thousand_owners_come_in_pages_with_odd_labels(talk: Talk) -> None:
    labels: list[str | None] = []
    ids: list[str] = []
    page = 1
    while True:
        body = talk.choices("Contacts", "create_contact", "owner", page)
        assert body["meta"] == {"page": page}
        labels += [choice["label"] for choice in body["data"]]
        ids += [choice["id"] for choice in body["data"]]
        if body["links"]["next"] is None:
            break
        page += 1
        assert body["links"]["next"].endswith(f"owner/choices?page={page}")
    assert len(ids) == len(set(ids)) > 2_000
    assert None in labels
    assert len(set(labels)) < len(labels)
    assert any("🌻" in (label or "") for label in labels)
    assert any("ليلى" in (label or "") for label in labels)


def test_each_connection_of_contacts_has_its_own_people(talk: Talk) -> None:
    def names(connection: str) -> set[str]:
        started = talk.start("Contacts", "new_contact", {}, connection=connection)
        return {one["name"] for one in talk.end(started.json()["data"]["id"])["results"]}

    studio, private = names("contacts-1"), names("contacts-3")
    assert "Marina Holt" in studio
    assert "Nora Lind" in private
    assert not studio & private


def test_a_contact_is_created_changed_and_gets_a_note(talk: Talk) -> None:
    inputs = {"name": "Ada", "email": "ada@example.org", "owner": "own_0007", "stage": "new"}
    made = talk.result("Contacts", "create_contact", **inputs)
    assert made["owner"]["id"] == "own_0007"
    changed = talk.result("Contacts", "update_contact", contact=made["id"], stage="customer")
    assert (changed["stage"], changed["name"]) == ("customer", "Ada")
    note = talk.result("Contacts", "add_note", contact=made["id"], body="Called.")
    assert note["contact"]["id"] == made["id"]
    again = talk.result("Contacts", "find_or_create_contact", **inputs)
    assert (again["found"], again["id"]) == (True, made["id"])


def test_the_zoo_answers_with_exactly_what_it_received(talk: Talk) -> None:
    inputs = {
        "with.dots": "a", "with/slash": "\u2028 \u00a0\r\n", "number": "0.10", "list": ["1", "2"],
        "map": {"k": "v"}, "rows": [{"a": "1"}], "none": None, "emoji 🦊": "👩\u200d🚀", "": "x",
        "native": [1, 2.5, True],
    }  # fmt: skip
    assert talk.result("Field Zoo", "awkward_ids", **inputs)["received"] == inputs


def test_the_zoo_has_every_type_with_every_format(talk: Talk) -> None:
    seen = {
        (field["value_type"], field.get("format", ""))
        for field in leaves(talk.fields("Field Zoo", "every_type"))
    }
    formats = ("", "DATETIME", "MULTILINE", "PASSWORD", "CODE", "FILE", "SELECT", "READONLY")
    types = ("STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT")
    assert seen == {(kind, form) for kind in types for form in formats}


def test_awkward_field_ids_have_choices_when_they_are_percent_encoded(talk: Talk) -> None:
    asked = 0
    for field in talk.fields("Field Zoo", "awkward_ids"):
        if field.get("format") == "SELECT":
            assert talk.choices("Field Zoo", "awkward_ids", field["id"])["data"]
            asked += 1
    assert asked >= 5


def test_a_free_text_changes_the_form(talk: Talk) -> None:
    made = talk.fields("Field Zoo", "changing_form", how_many="7", advanced="true")
    assert [field["id"] for field in made if field["id"].startswith("made_")] == [
        f"made_{place}" for place in range(1, 8)
    ]
    assert made[-1]["id"] == "secret"
    assert len(talk.fields("Field Zoo", "changing_form", how_many="x")) == 3


def test_a_field_without_choices_says_so(talk: Talk) -> None:
    refused = talk.form("Field Zoo", "dependencies", "inputs/no_choices/choices")
    assert (refused.status_code, error_of(refused)["code"]) == (404, "not_found")
