"""What the program can do: asyncio over api and storage, without Qt, HTTP or SQL."""
