"""What leaves this computer: a run, or many, as files and as text for the clipboard.

Every writer takes a `Dossier`, in which secrets are hidden already, and returns text.
"""
