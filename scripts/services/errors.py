"""What goes wrong with a service."""


class NotReady(RuntimeError):
    """A program did not start, or did not answer in time; the text is for people."""
