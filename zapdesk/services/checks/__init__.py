"""The checks of the self-test, by what they look at."""
