"""How Zapier is reached: HTTP and JSON stay in here, domain objects come out."""
