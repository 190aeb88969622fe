"""What the real window's process contacts, told from inside it: the calls of sockets are heard."""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any

from tests.tour_guide import Tour
from zapdesk.domain.runs import ActionRun
from zapdesk.services import network
from zapdesk.ui.shell.life import Life

connected: list[tuple[str, int]] = []
looked_up: list[str] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    # A socket of the desktop's own (D-Bus, X11) has a path for an address, and no port.
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        connected.append((str(arguments[1][0]), int(arguments[1][1])))
    elif event == "socket.getaddrinfo":
        looked_up.append(str(arguments[0]))


sys.addaudithook(_hear)


async def tell(life: Life, name: str) -> None:
    """Do what the story of that name does, and end; a fault is printed instead."""
    try:
        print(json.dumps(await {"online": online, "offline": offline}[name](Tour(life))))
    except Exception:  # the test reads what went wrong from the output
        traceback.print_exc()
        life._exit_code = 1
    life._window.close()


async def online(tour: Tour) -> dict[str, Any]:
    """An action is run, and its run looked at; then offline, where the form is still used."""
    run = await tour.run("Formatter", "text", {"transform": "upper", "text": "a"})
    told = {
        "status": run.status.value,
        "connected": sorted(set(connected)),
        "looked_up": sorted(set(looked_up) - {"127.0.0.1"}),
        "counted": sorted((contact.host, contact.port) for contact in network.contacts()),
        "sockets": len(connected),
        "connections": sum(contact.connections for contact in network.contacts()),
    }
    tour.window.commands.action("offline").trigger()
    await tour.until(lambda: _says(tour, "working offline"))
    before = len(connected)
    tour.panels.action.form_session.edit("text", "b")
    started: list[ActionRun] = []
    tour.panels.action.run_started.connect(started.append)
    tour.panels.action.run()
    await tour.until(lambda: started)
    ended = await tour.program.session.runs.wait(started[0].id, 10)
    return told | {"offline_status": ended.status.value, "more": len(connected) - before}


async def offline(tour: Tour) -> dict[str, Any]:
    """The window is opened offline, and goes online."""
    await tour.until(lambda: tour.program is not None and tour.program.session)
    await tour.until(lambda: _says(tour, "working offline"))
    told = {"sockets": len(connected), "notices": tour.window.notices.texts}
    tour.window.commands.action("offline").trigger()
    await tour.until(lambda: not tour.program.lacks_server)
    session = await tour.session_with_apps()
    return told | {
        "apps": len(session.catalog.apps),
        "notices_after": tour.window.notices.texts,
        "connected": len(set(connected)),
    }


def _says(tour: Tour, text: str) -> bool:
    return bool(tour.window.top_bar._online.whole_text == text)
