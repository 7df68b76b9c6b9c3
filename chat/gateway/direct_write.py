"""Bytes straight to the socket while nothing else waits: Twisted's way takes a turn of the loop and two more calls.

The only file that looks into a transport of Twisted to write; tests/gateway/test_direct_write.py says what it
relies on. A transport of another kind is written to in the ordinary way.
"""

from typing import Any

from twisted.internet.tcp import Server as TcpServer
from twisted.internet.unix import Server as UnixServer

# Exactly these: another kind may change the bytes on their way, as TLS does.
_PLAIN = (TcpServer, UnixServer)


def is_plain(transport: Any) -> bool:
    """Tell whether `write` may go past a transport to its socket."""
    return type(transport) in _PLAIN and not transport.TLS


def write(transport: Any, data: bytes) -> None:
    """Write to the socket of a plain transport, or behind what waits for it; what is not taken waits there too.

    A connection that turns out to be lost is not reported here: the transport finds it when it writes the rest.
    """
    if transport._tempDataLen or transport.dataBuffer or not transport.connected or transport.disconnecting:
        transport.write(data)
        return
    try:
        taken = transport.socket.send(data)
    except OSError:
        taken = 0
    if taken < len(data):
        transport.write(data[taken:])
