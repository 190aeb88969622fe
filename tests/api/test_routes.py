"""Which proxy leads where, decided without any network."""

from __future__ import annotations

import pytest

from zapdesk.api.routes import is_excepted, proxy_for, read_proxy, system_proxy
from zapdesk.api.traffic import is_local
from zapdesk.errors import Unreachable


@pytest.mark.parametrize(
    ("exception", "host", "is_named"),
    [
        ("example.com", "example.com", True),
        ("example.com", "API.Example.com", True),
        (".example.com", "a.b.example.com", True),
        (".example.com", "example.com", True),
        ("*.example.com", "a.example.com", True),
        ("example.com", "notexample.com", False),
        ("example.com:443", "example.com", True),
        ("example.com:8443", "example.com", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.0.0.0/8", "ten.example", False),
        ("fd00::/8", "fd00::1", True),
        ("[fd00::1]:443", "fd00::1", True),
        ("fd00::1", "fd00::2", False),
        ("*", "anything.example", True),
        ("", "example.com", False),
        (".", "example.com", False),
        ("10.0.0.0/99", "10.0.0.1", False),
    ],
)
def test_exceptions_name_hosts_networks_and_ports(
    exception: str, host: str, is_named: bool
) -> None:
    assert is_excepted(host, 443, [exception]) is is_named


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_computer_is_known(host: str) -> None:
    assert is_local(host)
    shown = f"[{host}]" if ":" in host else host
    assert proxy_for(f"https://{shown}:8443", "http://proxy.example:1", ()) is None


def test_no_proxy_no_address_and_exceptions_go_directly() -> None:
    chosen = "http://proxy.example:3128"
    assert proxy_for("https://api.example", "none", ()) is None
    assert proxy_for("", chosen, ()) is None
    assert proxy_for("https://api.example", chosen, ["example"]) is None
    found = proxy_for("https://api.example", chosen, ["other.example"])
    assert found is not None
    assert found.address == chosen


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("proxy.example", "http://proxy.example:80"),
        ("https://proxy.example", "https://proxy.example:443"),
        ("socks5h://proxy.example", "socks5://proxy.example:1080"),
        ("http://[fd00::1]:8080", "http://[fd00::1]:8080"),
    ],
)
def test_addresses_are_read_as_the_world_writes_them(text: str, address: str) -> None:
    assert read_proxy(text).address == address


def test_a_password_shows_in_no_representation_and_no_error() -> None:
    assert "s3cret" not in repr(read_proxy("http://ada:s3cret@proxy.example:1"))
    with pytest.raises(Unreachable) as caught:
        read_proxy("ftp://ada:s3cret@proxy.example")
    assert "s3cret" not in str(caught.value)


def test_the_systems_own_exceptions_count_where_the_environment_names_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("urllib.request.proxy_bypass", lambda host: host == "inside.example:443")
    named = {"https": "http://proxy.example:1"}
    assert system_proxy("inside.example", 443, named) is None
    assert system_proxy("outside.example", 443, named) is not None
    assert system_proxy("outside.example", 443, {"http": "http://proxy.example:1"}) is None
