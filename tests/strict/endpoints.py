"""What each endpoint answers, in the dialect of the token that asks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.strict.definitions import ActionDefinition, AppDefinition
from tests.strict.dialect import Dialect
from tests.strict.judge import Judge
from tests.strict.requests import Request, data_faults
from tests.strict.tokens import Connection, Run, Token

CHOICES_A_PAGE = 50
AUTHENTICATIONS_A_PAGE = 2
_FORM = frozenset({"authentication", "inputs"})


@dataclass(slots=True)
class Reply:
    """One answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    cut: bool = False
    is_compressed: bool = False

    @classmethod
    def of(cls, dialect: Dialect, status: int, content: Any) -> Reply:
        return cls(
            status,
            {"Content-Type": dialect.media_type},
            json.dumps(content).encode(),
            is_compressed=dialect.is_compressed,
        )


@dataclass(slots=True)
class Endpoints:
    """Answers one request of one token. Without ``has_effect`` it is judged and nothing more."""

    judge: Judge
    base_url: str
    token: Token
    has_effect: bool

    def reply(self, request: Request) -> Reply:
        answer: Callable[[Request], Reply] = getattr(self, f"_{request.endpoint}")
        return answer(request)

    def _ok(self, content: Any, status: int = 200) -> Reply:
        return Reply.of(self.token.dialect, status, content)

    def _no(self, status: int, code: str, detail: str, pointer: str | None = None) -> Reply:
        title = code.title().replace("_", "")
        return self._ok(self.token.dialect.failure(status, code, title, detail, pointer), status)

    def _refuse(self, request: Request, faults: Sequence[str]) -> Reply:
        self.judge.complain(request, *faults)
        return self._no(400, "invalid", " ".join(faults), "/data/inputs")

    # Lists

    def _page(
        self, request: Request, items: Sequence[Any], page_size: int, *, is_wrapped: bool
    ) -> Reply:
        dialect, query = self.token.dialect, dict(request.query)
        if dialect.links != "given":  # no way to ask for more, so everything comes at once
            page_size = len(items) or 1
        limit = min(int(query.get("limit", "10")), page_size)
        limit = page_size if dialect.links != "given" else limit
        offset = int(query.get("offset", "0"))
        next_url = None
        if offset + limit < len(items):
            query.update(limit=str(limit), offset=str(offset + limit))
            # A mark of the server's own is lost when a client builds the next address itself.
            target = f"{request.path}?{urlencode({**query, 'mark': f'm{offset}/+'})}"
            self.token.next_links.add(target)
            next_url = self.base_url + target
            if dialect.next_host:
                next_url = next_url.replace("127.0.0.1", dialect.next_host)
        content = dialect.listing(
            items[offset : offset + limit],
            limit=limit,
            offset=offset,
            total=len(items),
            next_url=next_url,
            is_wrapped=is_wrapped,
        )
        return self._ok(content)

    def _apps(self, request: Request) -> Reply:
        query = dict(request.query)
        ids = query["ids"].split(",") if query.get("ids") else None
        found = [
            self.token.dialect.app(app, self.base_url)
            for app in self.judge.apps.values()
            if query.get("query", "").casefold() in app.title.casefold()
            and (ids is None or app.id in ids)
            and query.get("category", "notes") == "notes"
        ]
        return self._page(request, found, self.token.dialect.page_size, is_wrapped=True)

    def _actions(self, request: Request) -> Reply:
        query = dict(request.query)
        app = self.judge.apps.get(query.get("app", ""))
        if app is None:
            return self._refuse(request, ["there is no such app"])
        now = time.monotonic()
        found = [
            self.token.dialect.action(app, action, self.token.issue(action, now), self.base_url)
            for action in app.actions
            if query.get("action_type", action.action_type) == action.action_type
        ]
        content = self.token.dialect.listing(
            found, limit=10, offset=0, total=len(found), next_url=None, is_wrapped=True
        )
        return self._ok(content)

    def _authentications(self, request: Request) -> Reply:
        app = self.judge.apps.get(dict(request.query).get("app", ""))
        if app is None:
            return self._refuse(request, ["there is no such app"])
        dialect = self.token.dialect
        found = [
            {
                "type": "authentication",
                "id": connection.id,
                "app": dialect.app(app, self.base_url) if dialect.expands_app else app.id,
                "is_expired": connection.is_expired,
                "title": connection.title,
            }
            for connection in self.token.connections(app)
        ]
        return self._page(request, found, AUTHENTICATIONS_A_PAGE, is_wrapped=False)

    def _create_authentication(self, request: Request) -> Reply:
        faults = data_faults(request, frozenset({"title", "app", "authentication_fields"}))
        if not faults and (not 0 < len(str(request.data["title"])) <= 255):
            faults = ["title is empty or longer than 255 characters"]
        fields = request.data["authentication_fields"] if not faults else {}
        app = self.judge.apps.get(request.data["app"]) if not faults else None
        if not faults and (app is None or not app.needs_authentication):
            faults = ["the app takes no connections"]
        if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
            faults = ["authentication_fields is not an object of texts"]
        if faults:
            return self._refuse(request, faults)
        made_id = f"made{len(self.token.made) + 1}"
        if self.has_effect:
            self.token.made.append(Connection(made_id, request.data["app"], request.data["title"]))
        made = {
            "type": "authentication",
            "id": made_id,
            "app": request.data["app"],
            "is_expired": False,
            "title": request.data["title"],
        }
        return self._ok({"links": None, "meta": None, "data": [made]}, 201)

    def _categories(self, request: Request) -> Reply:
        category = {
            "id": 63,
            "title": "Notes",
            "slug": "notes",
            "description": "",
            "url": "https://zapier.com/api/v4/app-directory/categories/notes/",
            "type_of": "curated",
            "featured_entry_slug": None,
            "role": "child",
        }
        content = {"next": None, "previous": None, "count": 1, "objects": [category]}
        return self._ok([content] if self.token.dialect.wraps_lists else content)

    def _me(self, request: Request) -> Reply:
        person = {
            "id": 4410023,
            "first_name": "Marina",
            "last_name": "Holt",
            "full_name": "Marina Holt",
            "email": "marina@harbour.example",
            "email_confirmed": True,
            "timezone": None,
        }
        return self._ok([person] if self.token.dialect.wraps_lists else person)

    # Forms

    def _form_action(
        self, request: Request, optional: frozenset[str] = frozenset()
    ) -> tuple[ActionDefinition, AppDefinition] | Reply:
        faults = data_faults(request, _FORM, optional)
        if faults:
            return self._refuse(request, faults)
        issued = self.judge.action(request, self.token, request.segments[2])
        if issued is None:
            return self._no(404, "not_found", "There is no such action.")
        self.judge.authentication(
            request, self.token, issued.action, request.data["authentication"]
        )
        return issued.action, self.judge.apps[issued.action.app_id]

    def _inputs(self, request: Request) -> Reply:
        asked = self._form_action(request)
        if isinstance(asked, Reply):
            return asked
        action, _ = asked
        self.judge.form_call(request, self.token, action)
        if not self.has_effect:
            return self._ok({})
        self.token.form(action).last_at = request.at
        self.judge.remember_form(request, self.token, action)
        nodes = [self.token.dialect.node(node) for node in action.form(request.data["inputs"])]
        content = self.token.dialect.listing(
            nodes, limit=None, offset=0, total=len(nodes), next_url=None, is_wrapped=False
        )
        return self._ok(content)

    def _choices(self, request: Request) -> Reply:
        # Only here inputs may be null.
        if isinstance(request.data, dict) and request.data.get("inputs", {}) is None:
            request.data["inputs"] = {}
        asked = self._form_action(request)
        if isinstance(asked, Reply):
            return asked
        action, _ = asked
        field_id = request.segments[4]
        self.judge.form_call(request, self.token, action)
        self.judge.choices(request, self.token, action, field_id)
        if not self.has_effect:
            return self._ok({})
        memory = self.token.form(action)
        memory.last_at = request.at
        dialect = self.token.dialect
        choices = action.choices_of(field_id, request.data["inputs"]) or []
        page = dict(request.query).get("page", "1")
        number = int(page.rpartition("+/")[2])
        shown = choices[(number - 1) * CHOICES_A_PAGE : number * CHOICES_A_PAGE]
        if dialect.choice_pages == "absent":
            has_more = bool(shown)
        else:
            has_more = number * CHOICES_A_PAGE < len(choices)
        due = f"cursor+/{number + 1}" if dialect.choice_pages == "cursor" else f"{number + 1}"
        begun = memory.choice_page.setdefault(field_id, {})
        begun[json.dumps(request.json, sort_keys=True)] = due if has_more else ""
        content: dict[str, Any] = {"data": shown, "meta": {"page": number}}
        if dialect.choice_pages != "absent":
            target = f"{request.path}?{urlencode({'page': due})}"
            self.token.next_links.add(target)
            content["links"] = {"next": self.base_url + target if has_more else None, "prev": None}
        return self._ok([content] if dialect.wraps_lists else content)

    def _outputs(self, request: Request) -> Reply:
        asked = self._form_action(request, frozenset({"fetch_live_samples"}))
        if isinstance(asked, Reply):
            return asked
        action, _ = asked
        self.judge.form_call(request, self.token, action)
        if request.data.get("fetch_live_samples", False) is not False:
            self.judge.complain(request, "live samples were asked for, which nobody ordered")
        outputs = list(action.outputs)
        content = self.token.dialect.listing(
            outputs, limit=None, offset=0, total=len(outputs), next_url=None, is_wrapped=False
        )
        return self._ok(content)

    # Runs

    def _test(self, request: Request) -> Reply:
        asked = self._form_action(request, frozenset({"limit", "offset"}))
        if isinstance(asked, Reply):
            return asked
        action, _ = asked
        data = request.data
        plan = self.judge.run(
            request, self.token, action, request.segments[2], data["authentication"], data["inputs"]
        )
        if plan is None or not self.has_effect:
            return self._no(400, "invalid", "Nothing was done.")
        plan.is_ended = True
        if not plan.script.is_success:
            detail = "Error during execution: Error from Tidepool: page_locked"
            return self._no(400, "test_failed", detail)
        results = list(plan.script.results)
        content = self.token.dialect.listing(
            results, limit=None, offset=None, total=len(results), next_url=None, is_wrapped=False
        )
        return self._ok(content)

    def _create_run(self, request: Request) -> Reply:
        read = self.judge.run_body(request, self.token)
        if read is None:
            return self._no(400, "parse_error", "Malformed request.", "/data")
        shape, action, inputs = read
        inner = request.data if shape != "input" else request.json
        plan = self.judge.run(
            request, self.token, action, inner["action"], inner["authentication"], inputs
        )
        if shape != self.token.dialect.body_shape:
            self.token.refused_shapes.add(shape)
            return self._no(400, "parse_error", "Malformed request.")
        if plan is None or not self.has_effect:
            return self._no(400, "invalid", "Nothing was done.", "/data/authentication")
        self.token.accepted_shape = shape
        run = Run(self.token.new_run_id(), plan, time.monotonic())
        plan.run_id = run.id
        self.token.runs[run.id] = run
        return self._ok(self.token.dialect.accepted(run.id))

    def _run(self, request: Request) -> Reply:
        run = self.token.runs.get(request.segments[2])
        if run is None:
            self.judge.complain(request, "no such run was ever accepted for this person")
            return self._no(404, "not_found", "There is no such run.")
        self.judge.poll(request, run)
        run.looked_at = time.monotonic()
        run.is_failed_look = not self.has_effect
        if not self.has_effect:
            return self._ok({})
        dialect, script = self.token.dialect, run.plan.script
        run.answers += 1
        if run.answers <= script.unfinished:
            content = dialect.run(dialect.unfinished, (), ())
            return self._ok(content, dialect.pending_code)
        run.plan.is_ended = True
        if script.is_success:
            return self._ok(dialect.run(dialect.success, script.results, script.errors))
        return self._ok(dialect.run(dialect.error, (), script.errors))
