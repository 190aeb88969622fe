"""What things are: frozen values and pure rules. Nothing here does input or output."""
