"""What lies under a folder, where that is known to damage databases.

Over a network, locks may not hold and what was synced may not be on any disk; a program that
copies a folder to the cloud takes the log and its journal at different moments.
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

_OVER_A_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|afs|9p|ceph|glusterfs|lustre|ncpfs|fuse\.(sshfs|rclone|s3fs|davfs.*)"
)
_COPIED_TO_THE_CLOUD = re.compile(
    r"dropbox|onedrive.*|google drive|googledrive|icloud.*|mobile documents|nextcloud|pcloud.*",
    re.IGNORECASE,
)
_OCTAL = re.compile(r"\\(\d{3})")


def doubt(folder: Path, mounts: Path | None = None) -> str:
    """A sentence where a database should not lie in ``folder``; empty where nothing is known."""
    advice = "Set ZAPDESK_HOME to a folder on a disk of this computer."
    kind = _kind(folder, mounts or MOUNTS)
    if _OVER_A_NETWORK.fullmatch(kind):
        return f"The log lies on a network drive ({kind}), which can damage it. {advice}"
    for part in folder.parts:
        if _COPIED_TO_THE_CLOUD.fullmatch(part):
            return f"The log lies in '{part}', which is copied to the cloud. {advice}"
    return ""


def _kind(folder: Path, mounts: Path) -> str:
    """The type of the file system that holds ``folder``; empty where it cannot be told."""
    found = ""
    longest = -1
    with suppress(OSError):
        for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
            before, separator, after = line.partition(" - ")
            words = before.split()
            if not separator or len(words) < 5:
                continue
            point = Path(_OCTAL.sub(lambda code: chr(int(code[1], 8)), words[4]))
            if folder.is_relative_to(point) and len(point.parts) >= longest:
                longest, found = len(point.parts), after.split()[0]
    return found
