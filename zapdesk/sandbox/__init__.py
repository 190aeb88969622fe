"""The local Workflow API: a real HTTP server on loopback whose actions do real things here.

A program of its own: it imports only the bottom layer, and is started as a process.
"""
