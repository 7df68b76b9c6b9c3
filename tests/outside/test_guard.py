from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.outside import guard
from chat.outside.guard import Forbidden
from chat.outside.network import Internet
from chat.text import links

# Everything that must be refused before anybody is asked, and why.
REFUSED = {
    "http://127.0.0.1/": "address",
    "http://127.1/": "address",
    "http://0/": "address",
    "http://0x7f000001/": "address",
    "http://0x7f.1/": "address",
    "http://017700000001/": "address",
    "http://0177.0.0.1/": "address",
    "http://2130706433/": "address",
    "http://93.184.215.14.5/": "address",
    "http://93.184.55310/": "address",
    "http://093.184.215.14/": "address",
    "http://localhost/": "name",
    "http://localhost./": "name",
    "http://LOCALHOST/": "name",
    "http://a.localhost/": "name",
    "http://printer.local/": "name",
    "http://[::1]/": "address",
    "http://[::]/": "address",
    "http://[::ffff:127.0.0.1]/": "address",
    "http://[::ffff:7f00:1]/": "address",
    "http://[::127.0.0.1]/": "address",
    "http://[64:ff9b::7f00:1]/": "address",
    "http://[64:ff9b:1::7f00:1]/": "address",
    "http://[2002:7f00:1::]/": "address",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/": "address",
    "http://[2001:db8::1]/": "address",
    "http://[100::1]/": "address",
    "http://10.0.0.1/": "address",
    "http://172.16.0.1/": "address",
    "http://172.31.255.255/": "address",
    "http://192.168.1.1/": "address",
    "http://100.64.0.1/": "address",
    "http://100.127.255.255/": "address",
    "http://169.254.169.254/latest/meta-data/": "address",
    "http://[fe80::1%25eth0]/": "address",
    "http://[fe80::1]/": "address",
    "http://[fc00::]/": "address",
    "http://[fd00:ec2::254]/": "address",
    "http://[fec0::]/": "address",
    "http://224.0.0.1/": "address",
    "http://[ff02::1]/": "address",
    "http://255.255.255.255/": "address",
    "http://0.0.0.0/": "address",
    "http://192.0.2.1/": "address",
    "http://198.51.100.7/": "address",
    "http://203.0.113.7/": "address",
    "http://198.18.0.1/": "address",
    "http://192.0.0.8/": "address",
    "http://240.0.0.1/": "address",
    "http://metadata.google.internal/": "name",
    "http://metadata/": "name",
    "http://instance-data.ec2.internal/": "name",
    "http://wiki.corp/": "name",
    "http://router.home.arpa/": "name",
    "http://hidden.onion/": "name",
    "http://a..example.com/": "name",
    "http://.example.com/": "name",
    "http://ex%61mple.com/": "name",
    "http://example.com%2f@127.0.0.1/": "userinfo",
    "http://good#@127.0.0.1/": "userinfo",
    "http://good.example.com#@127.0.0.1/": "userinfo",
    "http://good.example.com?@127.0.0.1/": "userinfo",
    "http://127.0.0.1\\@good.example.com/": "url",
    "http://good.example.com\\.evil.example.com/": "url",
    "http://me:secret@example.com/": "userinfo",
    "http://me@example.com/": "userinfo",
    "http://exam\tple.com/": "url",
    "http://example.com/\n": "url",
    "http://example.com/\r\nHost: inner": "url",
    " http://example.com/": "url",
    "http://example.com/\0": "url",
    "http://１２７.0.0.1/": "url",
    "http://127。0。0。1/": "url",
    "http://example.com:22/": "port",
    "http://example.com:25/": "port",
    "http://example.com:443/": "port",
    "https://example.com:80/": "port",
    "http://example.com:6379/": "port",
    "http://example.com:5432/": "port",
    "http://example.com:0/": "port",
    "http://example.com:99999/": "url",
    "http://example.com:x/": "url",
    "http://[::1/": "url",
    "http://": "name",
    "http:///path": "name",
    "http:example.com": "userinfo",
    "file:///etc/passwd": "scheme",
    "gopher://example.com/": "scheme",
    "ftp://example.com/": "scheme",
    "ws://example.com/": "scheme",
    "javascript:alert(1)": "scheme",
    "data:text/html,hi": "scheme",
    "//example.com/": "scheme",
    "example.com": "scheme",
    "": "scheme",
    "http://" + "a" * 64 + ".example.com/": "name",
    "http://" + "a." * 126 + "example.com/": "name",
    "http://example.com/" + "a" * 2_000: "url",
}


@pytest.mark.parametrize(("url", "reason"), REFUSED.items())
def test_what_leads_inside_is_refused_and_named(url: str, reason: str) -> None:
    with pytest.raises(Forbidden) as refused:
        guard.target(url)
    assert refused.value.reason == reason
    assert reason in guard.REASONS


@pytest.mark.parametrize(
    ("url", "asked", "host"),
    [
        ("http://example.com", "http://example.com/", "example.com"),
        ("HTTPS://Example.COM.:443/A?b=1#c", "https://example.com/A?b=1", "example.com"),
        ("https://matrix.to/#/@user:server", "https://matrix.to/", "matrix.to"),
        (
            "http://xn--bj0bj06e.xn--3e0b707e/",
            "http://xn--bj0bj06e.xn--3e0b707e/",
            "xn--bj0bj06e.xn--3e0b707e",
        ),
        ("http://93.184.215.14/x", "http://93.184.215.14/x", "93.184.215.14"),
        ("http://[2606:2800:21f::8b2c]:80/", "http://[2606:2800:21f::8b2c]/", "2606:2800:21f::8b2c"),
        ("http://[::ffff:93.184.215.14]/", "http://[::ffff:5db8:d70e]/", "::ffff:5db8:d70e"),
        ("http://0a.example.com:80/%2e%2e/", "http://0a.example.com/%2e%2e/", "0a.example.com"),
    ],
)
def test_what_is_public_is_asked_for_as_it_was_read(url: str, asked: str, host: str) -> None:
    target = guard.target(url)
    assert (target.url, target.host) == (asked, host)


@given(st.ip_addresses(v=4))
def test_an_address_inside_of_another_is_judged_as_itself(inner: IPv4Address) -> None:
    is_public = guard.is_public(inner)
    low = int(inner)
    forms = [0xFFFF << 32 | low, 0x64FF9B << 96 | low, 0x2002 << 112 | low << 80 | 1]
    assert [guard.is_public(IPv6Address(form)) for form in forms] == [is_public] * 3


@given(st.ip_addresses())
def test_nothing_public_is_private_to_python(address: IPv4Address | IPv6Address) -> None:
    if guard.is_public(address):
        if address.version == 6 and address.sixtofour is not None:
            # Older versions call all of these private; what stands inside is looked at.
            address = address.sixtofour
        kinds = [address.is_multicast, address.is_loopback, address.is_link_local, address.is_private]
        assert (address.is_global, any(kinds)) == (True, False)


@given(
    st.ip_addresses(v=4),
    st.sampled_from(["{0:d}", "0x{0:x}", "0{0:o}", "{1}.{2}", "{1:#x}.{3}", "{4}.{5}.{6}"]),
)
def test_an_address_in_another_writing_is_never_asked_for(address: IPv4Address, form: str) -> None:
    value = int(address)
    written = form.format(
        value,
        value >> 24,
        value & 0xFFFFFF,
        value & 0xFFFFFF,
        value >> 24,
        value >> 16 & 0xFF,
        value & 0xFFFF,
    )
    with pytest.raises(Forbidden):
        guard.target(f"http://{written}/")


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "http://a.example.com"]))
def test_whatever_is_written_leads_to_a_public_place_or_nowhere(text: str, before: str) -> None:
    try:
        target = guard.target(before + text)
    except Forbidden:
        return
    assert (target.scheme, target.port) in (("http", 80), ("https", 443))
    assert guard.host(target.host) == target.host
    assert guard.target(target.url) == target
    if ":" in target.host or target.host.rpartition(".")[2].isdigit():
        assert guard.is_public(ip_address(target.host))


def test_this_machine_knows_its_own_address() -> None:
    assert Internet().is_own("127.0.0.1")


def test_another_machine_is_not_this_one() -> None:
    assert not Internet().is_own("93.184.215.14")


def test_the_longest_link_of_a_text_can_be_asked_for() -> None:
    from chat.protocol import limits

    assert guard.URL_MAX_CHARS == links.LINK_MAX_CHARS == limits.LINK_MAX_CHARS
