"""What Zapier sends, and its one way into the domain.

Structs name what each answer may hold; every field is ``Raw`` and may be missing, so a wrong
type spoils one value and never its neighbours. An entry without a usable id is left out, with a
line in the log. Root arrays of one envelope are unwrapped: the published OpenAPI file types many
answers so, the guides show them bare. The one error raised in here is ``Unreadable``.
"""

from zapdesk.api.wire.catalog import (
    actions,
    apps,
    authentications,
    categories,
    created_authentication,
    person,
)
from zapdesk.api.wire.errors import error_items
from zapdesk.api.wire.forms import choices, form, outputs
from zapdesk.api.wire.listing import Listing
from zapdesk.api.wire.runs import RunState, created_run, run_state, step_results

__all__ = [
    "Listing",
    "RunState",
    "actions",
    "apps",
    "authentications",
    "categories",
    "choices",
    "created_authentication",
    "created_run",
    "error_items",
    "form",
    "outputs",
    "person",
    "run_state",
    "step_results",
]
