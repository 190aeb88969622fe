"""The window's life on the event loop: services come, run beside the window, and are closed.

Imported after the first frame. The loop is qasync's and nothing else of qasync is used. Closing
takes two seconds at most: what has not ended by then ends with the process, and whatever was on
its way to a server has its row on the disk already.
"""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QTimer
from qasync import QEventLoop

from zapdesk.domain.runs import RunFilter, RunStatus
from zapdesk.errors import InvalidInput, ZapdeskError
from zapdesk.paths import Paths
from zapdesk.tasks import TaskOwner
from zapdesk.ui.accounts.profile_keeping import ProfileKeeping
from zapdesk.ui.accounts.signing_in import SigningIn
from zapdesk.ui.accounts.vault_strip import VaultStrip
from zapdesk.ui.connections.opening import ConnectionsOpening
from zapdesk.ui.diagnosis.diagnosing import Diagnosing
from zapdesk.ui.links import safe_open
from zapdesk.ui.shell.application import BUG, STORE_TROUBLE, leave
from zapdesk.ui.shell.capsule_opening import CapsuleOpening
from zapdesk.ui.shell.crash_log import CrashLog
from zapdesk.ui.shell.crash_report import offer_report
from zapdesk.ui.shell.log_keeping import LogKeeping
from zapdesk.ui.shell.main_window import MainWindow
from zapdesk.ui.shell.qt_application import Application
from zapdesk.ui.shell.settings_opening import SettingsOpening
from zapdesk.ui.shell.single_window import WindowLock
from zapdesk.ui.shell.snapshot import WindowOptions
from zapdesk.ui.times import now_ms

if TYPE_CHECKING:  # imported on a worker thread, see import_services
    from zapdesk.bootstrap import Program, Session

T = TypeVar("T")

CLOSING_SECONDS = 1.8
_PULSE_MS = 1_000
_SCREENSHOT_SECONDS = 30
_SETTLE_SECONDS = 0.5
_MOST_ABANDONED = 100


class Life:
    """Owns the program's services, the loop and the way out."""

    def __init__(
        self,
        application: Application,
        window: MainWindow,
        paths: Paths,
        options: WindowOptions,
        crash_log: CrashLog,
        lock: WindowLock,
    ) -> None:
        self._application = application
        self._window = window
        self._paths = paths
        self._options = options
        self._crash_log = crash_log
        self._lock = lock
        self._loop: asyncio.AbstractEventLoop = QEventLoop(application)
        self._owner = TaskOwner(lambda error: crash_log.record("in a task", error))
        self._closer = TaskOwner(lambda error: crash_log.record("while closing", error))
        self._program: Program | None = None
        self._trouble = ZapdeskError("zapdesk did not start.")
        self._has_started = asyncio.Event()
        self._exit_code = 0
        self._is_closing = False
        self._pulse = QTimer(application)
        self._log: LogKeeping | None = None

    def run(self, inside: Iterator[None]) -> int:
        """Turn the loop until the window is closed; the exit code. ``inside`` builds the inside
        of the window, a slice at a time."""
        loop = self._loop
        loop.set_exception_handler(self._crash_log.on_loop_error)
        for number in (signal.SIGINT, signal.SIGTERM):
            self._on_signal(number)
        loop.call_soon(self._build, inside)
        try:
            loop.run_forever()
        finally:
            self._pulse.stop()
            loop.close()
        return self._exit_code

    def _build(self, inside: Iterator[None]) -> None:
        if self._window.is_closed:
            self._loop.stop()
            return
        try:
            is_whole = next(inside, True)
        except Exception as error:  # a window without its inside is of no use to anyone
            self._crash_log.record("while the window was built", error)
            self._exit_code = BUG
            self._loop.stop()
            return
        if is_whole:
            self._begin()
        else:
            self._loop.call_soon(self._build, inside)

    def _begin(self) -> None:
        window = self._window
        self._pulse.timeout.connect(self._on_pulse)
        self._pulse.start(_PULSE_MS)
        self._crash_log.still_alive()
        self._crash_log.on_bug(self._tell_of_bug)
        self._capsules = CapsuleOpening(
            window, window.notices, self._owner.start, window.panels.show_run_id
        )
        self._lock.listen(self._application, window.raise_window, self._capsules.open)
        if self._options.capsule is not None:
            self._capsules.open(self._options.capsule)
        if self._crash_log.last is not None and self._crash_log.last.report:
            offer_report(window.notices, window, self._crash_log.last)
        window.own_tasks(self._owner)
        window.closed.connect(self._quit)
        start = self._owner.start
        window.theme_chosen.connect(lambda choice: start(self._keep({"theme": choice})))
        window.link_requested.connect(lambda address: start(self._open_link(address)))
        window.sandbox_doubted.connect(lambda: start(self._look_at_sandbox()))
        window.restart_requested.connect(lambda: start(self._restart()))
        window.effects_understood.connect(lambda profile: start(self._keep_understood(profile)))
        self._signing_in = SigningIn(window, start, self._started, self._do)
        self._profiles = ProfileKeeping(
            window, start, self._started, self._do, self._signing_in.sign_in
        )
        self._vault_strip = VaultStrip(window, start, self._restart)
        self._connections = ConnectionsOpening(window, start)
        self._diagnosing = Diagnosing(window, start, self._restart)
        self._diagnosing.offline_chosen.connect(lambda is_on: start(self._keep({"offline": is_on})))
        self._settings = SettingsOpening(window, start, self._paths, self._profiles.page)
        self._log = LogKeeping(window, start)
        self._log.notify_chosen.connect(lambda is_on: start(self._keep({"notifications": is_on})))
        start(self._live(), "services")

    async def _live(self) -> None:
        try:
            await in_thread(import_services)
            from zapdesk import bootstrap

            settings = bootstrap.read_settings(self._paths)
            access = bootstrap.choose_access(
                settings, self._options.profile or None, self._options.use_sandbox
            )
            self._diagnosing.begin(settings, is_offline=self._options.is_offline)
            program = await bootstrap.Program.start(self._paths, settings, access)
        except ZapdeskError as error:
            self._trouble = error
            self._diagnosing.lacks_program(error, self._paths)
        else:
            self._program = program
            program.switched.subscribe(self._show_session)
            self._profiles.set_program(program)
            self._vault_strip.follow(program)
            self._diagnosing.follow(program)
            self._signing_in.follow(program)
            if self._log is not None:
                self._log.set_program(program)
                program.preferences.changed.subscribe(self._log.follow_settings)
            self._settings.set_program(program)
            self._capsules.exports = program.exports
            known = program.profiles.all
            self._window.set_understood([p.id for p in known if p.understands_effects])
            for sentence in (*settings.troubles, *program.database.notices):
                self._window.notices.show_notice(sentence, "warning", sentence)
            if not self._window.is_first_start:
                began_ms = now_ms()
                await self._do(lambda: program.open_session(watch=True))
                await self._tell_of_abandoned(began_ms)
        finally:
            self._has_started.set()
        await in_thread(import_forms)
        gc.collect()
        gc.freeze()  # what the program is made of stays: no later collection looks at it
        if self._options.screenshot:
            await self._take_screenshot(Path(self._options.screenshot))

    async def _tell_of_abandoned(self, since_ms: int) -> None:
        """Say so where an earlier session ended in the middle of sending."""
        session = None if self._program is None else self._program.session
        if session is None:
            return
        wanted = RunFilter(session.profile.id, frozenset({RunStatus.UNKNOWN}))
        with suppress(ZapdeskError):  # the history says what is wrong with the log
            found = await session.runs.page(wanted, None, _MOST_ABANDONED)
            self._window.show_abandoned([run for run in found if (run.ended_ms or 0) >= since_ms])

    def _show_session(self, session: Session) -> None:
        self._window.set_session(session)
        self._connections.follow(session)
        if self._log is not None:
            self._log.follow(session)
        session.catalog.start_refresh()

    async def _started(self) -> Program:
        """The program, once there is one. Raises the ZapdeskError that kept it from starting."""
        await self._has_started.wait()
        if self._program is None:
            raise self._trouble
        return self._program

    async def _look_at_sandbox(self) -> None:
        program = await self._started()
        session = program.session
        is_alive = await program.sandbox.is_alive()
        if session is not None and session is program.session:
            self._window.show_sandbox(is_alive)

    async def _restart(self) -> None:
        """Open the session anew: it joins the sandbox, or reads the secrets, once more."""
        program = await self._started()
        await self._do(lambda: program.switch(program.access.profile))

    async def _open_link(self, address: str) -> None:
        try:
            await safe_open(address, self._window)
        except InvalidInput as error:
            self._window.notices.show_error(error, "link")

    async def _do(self, wish: Callable[[], Awaitable[object]]) -> None:
        """Do what was chosen in the window; where that fails, say so and offer it again."""
        window = self._window
        window.notices.clear("start")
        window.set_busy(True)
        try:
            await wish()
        except ZapdeskError as error:
            window.notices.show_notice(
                "start",
                "error",
                " ".join(filter(None, (error.title, error.detail, error.hint))),
                "Try again",
                lambda: self._owner.start(self._do(wish), "chosen again"),
            )
        finally:
            window.set_busy(False)

    async def _keep_understood(self, profile_id: str) -> None:
        program = await self._started()
        if program.profiles.get(profile_id) is not None:  # one from the environment is never stored
            within = ("profiles", profile_id) if program.profiles.was_kept(profile_id) else ()
            await self._keep({("profiles", profile_id, "understands_effects"): True}, within)

    async def _keep(
        self, changes: Mapping[str | tuple[str, ...], object], within: tuple[str, ...] = ()
    ) -> None:
        await self._has_started.wait()
        await self._settings.keep(changes, within)

    async def _take_screenshot(self, file: Path) -> None:
        """Paint the window into ``file`` once the catalogue is there, and end."""
        program = self._program
        session = None if program is None else program.session
        if session is not None:
            arrived = asyncio.Event()
            forget = session.catalog.changed.subscribe(lambda _: arrived.set())
            try:
                async with asyncio.timeout(_SCREENSHOT_SECONDS):
                    while not (session.catalog.apps and not session.catalog.progress.is_loading):
                        await arrived.wait()
                        arrived.clear()
            except TimeoutError:
                pass  # the picture then shows what there is, and what the window says about it
            finally:
                forget()
        await asyncio.sleep(_SETTLE_SECONDS)
        if not self._window.grab().save(str(file)):
            self._exit_code = STORE_TROUBLE
            self._crash_log.record_text("screenshot", f"{file} could not be written")
        self._window.close()

    def _on_signal(self, number: signal.Signals) -> None:
        try:
            self._loop.add_signal_handler(number, self._window.close)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: self._loop.call_soon_threadsafe(self._window.close))

    def _on_pulse(self) -> None:
        self._crash_log.still_alive()
        young, middle, old = gc.get_count()
        at_young, at_middle, at_old = gc.get_threshold()
        if young > at_young:
            gc.collect(0 if middle <= at_middle else 1 if old <= at_old else 2)

    def _tell_of_bug(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: there is no window to show it in
            self._loop.call_soon_threadsafe(self._show_bug)

    def _show_bug(self) -> None:
        if not self._is_closing:
            self._window.notices.show_notice(
                "bug",
                "error",
                "Something went wrong inside zapdesk. The log has the details.",
                "Open log folder",
                self._window.commands.action("logs").trigger,
            )

    def _quit(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._lock.stop_listening()
            deadline = threading.Timer(CLOSING_SECONDS, leave, (self._exit_code,))
            deadline.daemon = True
            deadline.start()
            self._closer.start(self._close(deadline), "closing")

    async def _close(self, deadline: threading.Timer) -> None:
        try:
            await self._owner.close()
            await self._profiles.close()
            await self._diagnosing.close()
            await self._settings.close()
            if self._log is not None:
                await self._log.close()
            self._window.set_session(None)
            await self._window.close_tasks()
            if self._program is not None:
                await self._program.close()
        finally:
            deadline.cancel()
            self._loop.stop()


async def in_thread(work: Callable[[], T]) -> T:
    """Run ``work`` on a daemon thread of its own.

    Not by the loop's executor: closing it would wait for whatever still runs there.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]  # it is a T where there is no error

    def perform() -> None:
        result: T | None = None
        error: BaseException | None = None
        try:
            result = work()
        except BaseException as raised:  # it belongs to whoever awaits
            error = raised
        with suppress(RuntimeError):  # the loop was closed meanwhile; nobody awaits any more
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=perform, name="in_thread", daemon=True).start()
    return await done


def import_services() -> None:
    """Import what the window needs next and can wait for: meant for a worker thread."""
    # ssl costs 20 ms that the GUI thread need not spend, the HTTP library and what a session is
    # made of 150 ms; the run's content costs 40 ms when the first run is to be shown.
    services = ("catalog", "connections", "drafts", "form_service", "open_tabs", "runs")
    for name in (
        "ssl",
        "zapdesk.bootstrap",
        "zapdesk.ui.runs.content",
        "zapdesk.api.client",
        "zapdesk.api.oauth",
        *(f"zapdesk.services.{name}" for name in services),
    ):
        import_module(name)


def import_forms() -> None:
    """Import what the first form needs, which takes 70 ms: meant for a worker thread."""
    for name in ("action_panel", "draft_strip", "presets.button"):
        import_module(f"zapdesk.ui.form.{name}")
