"""Links that are no addresses end nothing and lead nowhere near."""

import pytest

from harvesters.links import is_near, joined

BROKEN = ("https://[", "http://x[[.cn/1", "//[::1", "https://a]b/")


@pytest.mark.parametrize("link", BROKEN)
def test_what_is_no_address_is_kept_as_written_and_is_nowhere_near(link: str) -> None:
    assert joined("https://a.example/list", link) == link
    assert not is_near(link, "https://a.example/list")


def test_links_are_joined_and_hosts_compared() -> None:
    assert joined("https://a.example/x/list", "../y") == "https://a.example/y"
    assert is_near("https://a.example/y", "https://a.example/list")
    assert not is_near("https://b.example/y", "https://a.example/list")
    assert is_near("list.json", "other.json")
    assert not is_near("list.json", "https://b.example/y")
