"""Marking a field of the form as sensitive, for this and every later form of its action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zapdesk.domain.catalog import ActionKey
from zapdesk.errors import ZapdeskError
from zapdesk.ui.notices import NoticeArea

if TYPE_CHECKING:  # the services are imported after the first frame has been painted
    from zapdesk.services.sensitive import SensitiveService

_SUBJECT = "sensitive"


async def keep_mark(
    sensitive: SensitiveService,
    action: ActionKey,
    field_id: str,
    is_sensitive: bool,
    notices: NoticeArea,
) -> None:
    """Remember the mark, or that it was taken away; open forms follow by themselves."""
    try:
        await sensitive.mark(action, field_id, is_sensitive)
    except ZapdeskError as error:
        notices.show_error(error, _SUBJECT)
    else:
        notices.clear(_SUBJECT)
