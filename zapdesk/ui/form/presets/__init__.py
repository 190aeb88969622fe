"""Named fillings of a form: choose, save, look after."""
