"""Where the published description of the Workflow API lies on a machine that has it.

It is not part of zapdesk: a folder beside the checkout may hold it. This is the only file that
knows the folder's name; tests that read from it skip where it is absent.
"""

from __future__ import annotations

from pathlib import Path

OPENAPI_FILE = "partner-api.openapi.yml"


def spec_folder() -> Path | None:
    """The folder with the OpenAPI file and the real field definitions, or None."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    return folder if (folder / OPENAPI_FILE).is_file() else None


def openapi_file() -> Path | None:
    """The OpenAPI description of the Workflow API, or None."""
    folder = spec_folder()
    return folder / OPENAPI_FILE if folder else None


def real_field_files() -> list[Path]:
    """The collected input fields of real integrations, one JSON file each; empty where absent."""
    folder = spec_folder()
    return sorted((folder / "real-fields").glob("*.json")) if folder else []
