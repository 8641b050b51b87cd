"""What can go wrong with the local stack. Each message says what happened, why, and what to do next."""

from __future__ import annotations


class StackError(Exception):
    """The stack cannot do what it was asked; the message is for the person at the keyboard."""
