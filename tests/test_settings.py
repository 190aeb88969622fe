"""Settings: what is wrong is named, what a person wrote is kept."""

from __future__ import annotations

import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ROOT
from zapdesk.settings import DEFAULTS, Settings, save
from zapdesk.settings.table import PAGES, SETTINGS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_no_file_is_all_defaults(path: Path) -> None:
    assert Settings.load(path) == Settings()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('theme = "blue"', "'blue'"),
        ("theme = 5", "5"),
        ("profile = 5", "profile"),
        ('profiles = "work"', "profiles"),
        ("[profiles]\nwork = 5", "profiles"),
        ("shortcuts = 5", "shortcuts"),
        ("[shortcuts]\nrun = 5", "shortcuts.run"),
        ('colour = "red"', "'colour'"),
        ('troubles = ["none"]', "'troubles'"),
    ],
)
def test_a_bad_value_is_named_and_the_others_are_used(path: Path, text: str, named: str) -> None:
    path.write_text('profile = "work"\n' + text if "profile " not in text else text)
    loaded = Settings.load(path)
    (trouble,) = loaded.troubles
    assert named in trouble
    assert path.name in trouble
    assert loaded.theme == "system"
    assert loaded.profile == ("" if "profile " in text else "work")


def test_a_bad_value_is_named_with_its_line_wherever_its_name_stands_besides(path: Path) -> None:
    path.write_text(
        '# theme = "x"\n\'other\' = """\ntheme = "blue"\n"""\ntheme = "blue"\n'
        'keep_days = [\n  1,\n]\n[profiles.work]\ntheme = "mine"\n'
    )
    other, theme, days = Settings.load(path).troubles
    assert other.startswith("settings.toml, line 2: 'other' is not a setting")
    assert theme.startswith("settings.toml, line 5: theme is one of system, light, dark")
    assert days.startswith("settings.toml, line 6: keep_days is a whole number from 0")


def test_a_key_that_is_spelled_with_escapes_is_named_without_a_line(path: Path) -> None:
    path.write_text('"th\\u0065me" = 5\n')
    assert Settings.load(path).troubles[0].startswith("settings.toml: theme is one of")


def test_a_mistake_in_the_notation_is_told_with_its_line(path: Path) -> None:
    path.write_text('theme = "dark"\nkeep_days = 1 2\n')
    (trouble,) = Settings.load(path).troubles
    assert trouble.startswith("settings.toml cannot be read, line 2: ")


def test_every_setting_of_the_table_has_a_default_that_it_takes_and_a_page() -> None:
    own = {"profile", "profiles", "shortcuts", "troubles"}
    assert set(SETTINGS) == set(Settings._fields) - own
    for name, setting in SETTINGS.items():
        default = getattr(DEFAULTS, name)
        assert setting.taken(default) == default
        assert setting.of_text(setting.kind.to_text(default)) == default
        assert setting.page in PAGES
        assert setting.sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("notifications", "Off", False),
        ("notifications", "yes", True),
        ("keep_days", "1_000", 1000),
        ("keep_days", "1e3", 1000),
        ("theme", "dark", "dark"),
        ("proxy_exceptions", "a.example, 10.0.0.0/8 b", ("a.example", "10.0.0.0/8", "b")),
        ("proxy_exceptions", "", ()),
        ("proxy", "system", "system"),
        ("proxy", "proxy.example:8080", "http://proxy.example:8080"),
        ("proxy", "HTTPS://Proxy.example/", "https://proxy.example"),
        ("proxy", "socks5://[::1]:1080", "socks5://[::1]:1080"),
        ("ca_file", "", ""),
        ("ca_file", "/etc/ca.pem", "/etc/ca.pem"),
    ],
)
def test_what_a_person_writes_in_a_terminal_is_understood(
    name: str, text: str, value: object
) -> None:
    assert SETTINGS[name].of_text(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notifications", "maybe"),
        ("keep_days", "-1"),
        ("keep_days", "1.5"),
        ("keep_days", "inf"),
        ("keep_days", "ten"),
        ("theme", "Dark"),
        ("keep_days", "9" * 5000),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is .*, not "):
        SETTINGS[name].of_text(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ftp://proxy.example",
            "http://",
            "http://proxy.example/pac",
            "http://a b",
            "http://[::1",
        ),
        *("http://proxy.example:99999", "http://ada:s3cret@proxy.example", "", "nonsense\x00"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^proxy ") as caught:
        SETTINGS["proxy"].of_text(text)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("proxy_exceptions", ["a b"]),
        ("proxy_exceptions", "a"),
        ("proxy_exceptions", [1]),
        ("ca_file", "relative.pem"),
        ("ca_file", 5),
        ("proxy", 5),
    ],
)
def test_what_the_file_holds_is_checked_by_its_kind(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        SETTINGS[name].taken(value)


@pytest.mark.parametrize("body", [b"theme = ", b"\xff\xfe", b"[[", b"a = 1\na = 2"])
def test_an_unreadable_file_is_named_and_defaults_are_used(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    loaded = Settings.load(path)
    assert loaded.theme == "system"
    assert "settings.toml cannot be read" in loaded.troubles[0]


def test_shortcuts_are_one_key_or_several_or_none(path: Path) -> None:
    path.write_text('[shortcuts]\nrun = "Ctrl+R"\nfind = ""\nhistory = ["F2", "Ctrl+H"]\n')
    loaded = Settings.load(path)
    assert loaded.shortcuts == {"run": ("Ctrl+R",), "find": (), "history": ("F2", "Ctrl+H")}
    assert not loaded.troubles


def test_a_folder_in_its_place_is_named(path: Path) -> None:
    path.mkdir()
    assert "cannot be read" in Settings.load(path).troubles[0]


def test_comments_order_and_unknown_keys_survive_a_change(path: Path) -> None:
    path.write_text(
        '# mine\ntheme = "dark" # at night\nother = 1\n\n[profiles.work] # the office\nname = "W"\n'
    )
    save(
        path,
        {
            "theme": "light",
            ("profiles", "work", "is_live"): True,
            ("profiles", "home", "name"): "H",
        },
    )
    text = path.read_text()
    for kept in ("# mine", "# at night", "other = 1", "# the office", 'name = "W"'):
        assert kept in text
    loaded = Settings.load(path)
    assert loaded.theme == "light"
    assert loaded.profiles == {"work": {"name": "W", "is_live": True}, "home": {"name": "H"}}


def test_none_removes_and_removing_nothing_is_nothing(path: Path) -> None:
    save(path, {"profile": "work", ("profiles", "work", "name"): "W"})
    save(path, {"profile": None, ("profiles", "work", "name"): None, "theme": None})
    loaded = Settings.load(path)
    assert (loaded.profile, loaded.profiles) == ("", {"work": {}})


@pytest.mark.parametrize(
    "text", ['profiles = "x"\n', "profiles = 5\n", "[profiles]\nwork = 5\n", "profiles = {}\n"]
)
def test_a_value_in_the_place_of_a_table_gives_way_to_the_table(path: Path, text: str) -> None:
    path.write_text(text)
    save(path, {("profiles", "work", "name"): "W"})
    assert Settings.load(path).profiles == {"work": {"name": "W"}}


@pytest.mark.parametrize("body", [b"theme = [", b"\xff\xfe", b"[a]\nb = 1\nb = 2"])
def test_an_unreadable_file_is_not_written_over(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    with pytest.raises(OSError, match="There is a mistake in the file"):
        save(path, {"theme": "dark"})
    assert path.read_bytes() == body


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_is_its_owners_alone(path: Path) -> None:
    path.write_text('theme = "dark"\n')
    path.chmod(0o644)
    save(path, {"theme": "light"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    others = {other.name: stat.S_IMODE(other.stat().st_mode) for other in path.parent.iterdir()}
    assert others == {"settings.toml": 0o600, "settings.turn": 0o600}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


# The folder is the same for every example, and each example writes the whole file.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(
            ["theme", "profile", ("profiles", "a", "name"), ("profiles", "b", "is_live")]
        ),
        texts | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.none(),
    )
)
def test_what_is_saved_is_what_any_toml_reader_finds(
    path: Path, changes: dict[str | tuple[str, ...], Any]
) -> None:
    path.unlink(missing_ok=True)
    save(path, changes)
    found = tomllib.loads(path.read_text("utf-8"))
    for key, value in changes.items():
        place: Any = found
        *tables, name = (key,) if isinstance(key, str) else key
        for table in tables:
            place = place[table]
        assert place.get(name) == value
    Settings.load(path)


def test_several_processes_that_write_at_once_undo_nothing_of_each_other(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    script = (
        "import sys; from pathlib import Path; from zapdesk.settings import save\n"
        "print(flush=True); input()\n"
        "for n in range(15): save(Path(sys.argv[1]), {('profiles', sys.argv[2] + str(n)): {}})"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, path, name],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for name in "abc"
    ]  # fmt: skip
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert len(Settings.load(path).profiles) == 45
