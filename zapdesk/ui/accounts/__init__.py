"""Accounts on screen: signing in and out, and what a sign-in allows."""
