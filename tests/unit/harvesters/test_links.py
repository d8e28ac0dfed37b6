"""Links that are no addresses end nothing and lead nowhere near."""

import httpx
import pytest

from harvesters.links import is_near, joined, named

BROKEN = ("https://[", "http://x[[.cn/1", "//[::1", "https://a]b/")


@pytest.mark.parametrize("link", BROKEN)
def test_what_is_no_address_is_kept_as_written_and_is_nowhere_near(link: str) -> None:
    assert joined("https://a.example/list", link) == link
    assert not is_near(link, "https://a.example/list")


@pytest.mark.parametrize("address", ["http://xn--i-7iq.ws/", "https://xn--/", "http://xn--a-b-c.cn:80/x"])
def test_a_host_that_cannot_be_named_is_no_address(address: str) -> None:
    with pytest.raises(httpx.InvalidURL):
        named(httpx.URL(address))
    assert named(httpx.URL("https://xn--fiqs8s.example/")).host == "中国.example"


def test_links_are_joined_and_hosts_compared() -> None:
    assert joined("https://a.example/x/list", "../y") == "https://a.example/y"
    assert is_near("https://a.example/y", "https://a.example/list")
    assert not is_near("https://b.example/y", "https://a.example/list")
    assert is_near("list.json", "other.json")
    assert not is_near("list.json", "https://b.example/y")
