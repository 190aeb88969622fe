"""Large texts and JSON documents, read as they are looked at."""
