"""How things are kept on this computer: SQL stays in here, domain objects come out."""
