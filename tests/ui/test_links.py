"""Which addresses may be opened from the window, and what is asked before."""

from __future__ import annotations

import pytest

from zapdesk.errors import InvalidInput
from zapdesk.ui.links import checked_link, needs_consent


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "smb://server/share",
        "ms-settings:privacy",
        "data:text/html,x",
        "http://zapier.com/",
        "//server/share",
        r"\\server\share",
        r"https:\\zapier.com",
        "https://zapier.com@evil.example/",
        "https://user:pass@zapier.com/",
        "https://zapier.com\\@evil.example/",
        "https://",
        "https:///path",
        "https://zapier.com:99999/",
        "https://zapier.com/\n.evil.example",
        "https://zapier.com/ a",
        "https://\u202ezapier.com/",
        "HTTPS//zapier.com",
        "",
        "https://[::1",
        "https://" + "a" * 9_000 + ".com/",
    ],
)
def test_a_link_that_could_be_more_than_a_page_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput, match="not opened"):
        checked_link(address)


@pytest.mark.parametrize(
    ("address", "host", "asks"),
    [
        ("https://zapier.com/app", "zapier.com", False),
        ("https://help.zapier.com/", "help.zapier.com", False),
        ("HTTPS://ZAPIER.COM/", "zapier.com", False),
        ("https://notzapier.com/", "notzapier.com", True),
        ("https://zapier.com.evil.example/", "zapier.com.evil.example", True),
        ("https://z\u0430pier.com/", "xn--zpier-4ve.com", True),
        ("https://bücher.example/", "xn--bcher-kva.example", True),
    ],
)
def test_a_link_s_host_is_shown_as_it_is_and_asked_for_outside_zapier(
    address: str, host: str, asks: bool
) -> None:
    parts = checked_link(address)
    assert parts.hostname == host
    assert parts.scheme == "https"
    assert needs_consent(parts) is asks
