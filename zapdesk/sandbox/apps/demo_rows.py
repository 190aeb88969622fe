"""The data that Tables ships with: a small ceramics studio, and a household."""

from __future__ import annotations

from typing import Any

DEMO_WORKSPACES = (
    ("ws_studio", "Harbour Studio"),
    ("ws_home", "Home"),
    ("ws_empty", "Archive (empty)"),
)


def _column(column_id: str, title: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"id": column_id, "title": title, "kind": kind, **more}


_CUSTOMER_COLUMNS = [
    _column("name", "Name", required=True),
    _column("email", "Email", required=True),
    _column("city", "City"),
    _column("status", "Status", "select", options=["Lead", "Active", "Paused", "Lost"]),
    _column("orders", "Orders", "number"),
    _column("newsletter", "Newsletter", "boolean"),
    _column("since", "Customer since", "date"),
    _column("interests", "Interests", "tags", options=["Bowls", "Cups", "Tiles", "Workshops"]),
    _column("notes", "Notes", "long_text"),
]
_CUSTOMERS = [
    ("Marina Holt", "marina@harbour.example", "Bristol", "Active", 7, True, "2023-04-11",
     ["Cups"], "Prefers the blue glaze."),
    ("Tomasz Zieliński", "tomasz@ulica.example", "Kraków", "Active", 3, True, "2024-01-20",
     ["Bowls", "Workshops"], ""),
    ("Aïcha Benali", "aicha@atlas.example", "Marseille", "Lead", 0, False, "2025-11-02",
     ["Tiles"], "Met at the spring fair."),
    ("Jun Watanabe", "jun@sakura.example", "Osaka", "Active", 12, True, "2022-08-30",
     ["Cups", "Bowls"], "Wholesale, invoices in yen."),
    ("Priya Nair", "priya@lotus.example", "Kochi", "Paused", 2, False, "2024-06-14", [], ""),
    ("Lukas Berger", "lukas@alpen.example", "Innsbruck", "Active", 5, True, "2023-12-01",
     ["Workshops"], ""),
    ("Chloé Martin", "chloe@quai.example", "Nantes", "Lost", 1, False, "2022-03-19", [],
     "Moved away."),
    ("Sami Haddad", "sami@cedar.example", "Beirut", "Lead", 0, True, "2026-01-09",
     ["Tiles", "Bowls"], ""),
    ("Ingrid Solberg", "ingrid@fjord.example", "Bergen", "Active", 9, True, "2021-10-05",
     ["Cups"], "Ships only by post."),
    ("Diego Fuentes", "diego@sierra.example", "Granada", "Active", 4, False, "2024-09-27",
     ["Tiles"], ""),
]  # fmt: skip

_ORDER_COLUMNS = [
    _column("number", "Order number", required=True),
    _column("customer", "Customer", required=True),
    _column("item", "Item"),
    _column("quantity", "Quantity", "number"),
    _column("price", "Unit price", "number"),
    _column("state", "State", "select", options=["New", "Paid", "Fired", "Sent", "Returned"]),
    _column("gift", "Gift wrap", "boolean"),
    _column("due", "Due", "date"),
]
_ORDERS = [
    ("HS-1041", "Marina Holt", "Tide cup, blue", 2, 24.5, "Sent", False, "2026-01-12"),
    ("HS-1042", "Jun Watanabe", "Rice bowl, white", 40, 11.2, "Fired", False, "2026-02-02"),
    ("HS-1043", "Ingrid Solberg", "Travel cup", 1, 29, "Paid", True, "2026-02-06"),
    ("HS-1044", "Tomasz Zieliński", "Soup bowl, green", 6, 18, "New", False, "2026-02-20"),
    ("HS-1045", "Diego Fuentes", "Tile 10 × 10", 120, 3.75, "Paid", False, "2026-03-01"),
    ("HS-1046", "Lukas Berger", "Workshop voucher", 1, 85, "New", True, "2026-03-15"),
    ("HS-1047", "Marina Holt", "Tide cup, grey", 4, 24.5, "New", False, "2026-03-18"),
    ("HS-1048", "Jun Watanabe", "Tea cup, ash glaze", 24, 14.8, "New", False, "2026-04-04"),
]

_TASK_COLUMNS = [
    _column("task", "Task", required=True),
    _column("done", "Done", "boolean"),
    _column("due", "Due", "date"),
    _column("who", "Who", "select", options=["Ana", "Ben", "Everyone"]),
    _column("details", "Details", "long_text"),
]
_TASKS = [
    ("Water the lemon tree", False, "2026-03-02", "Ana", "Half a litre, not more."),
    ("Renew library cards", True, "2026-01-31", "Ben", ""),
    ("Book the ferry", False, "2026-04-10", "Everyone", "Two adults, one dog.\nAisle seats."),
    ("Change smoke alarm batteries", False, "2026-03-29", "Ben", ""),
    ("Plan Nora's birthday", False, "2026-05-16", "Ana", "Cake: ask first."),
]

DEMO_TABLES = (
    ("tbl_customers", "ws_studio", "Customers", _CUSTOMER_COLUMNS, _CUSTOMERS),
    ("tbl_orders", "ws_studio", "Orders", _ORDER_COLUMNS, _ORDERS),
    ("tbl_tasks", "ws_home", "Tasks", _TASK_COLUMNS, _TASKS),
)
"""Each is ``(id, workspace, title, columns, rows in the order of the columns)``."""
