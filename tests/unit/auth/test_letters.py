"""What letters say, and where they lead."""

import pytest

from heliograph_auth.domain.letters import Letter, Letters, Link

LETTERS = Letters("https://photos.example.org/")
ALL = [
    LETTERS.to_open_an_account("ada@example.com", "secret"),
    LETTERS.to_a_holder("ada@example.com"),
    LETTERS.to_verify("ada@example.com", "secret"),
    LETTERS.to_reset("ada@example.com", "secret"),
    LETTERS.of_a_reset("ada@example.com", all_is_closed=True),
    LETTERS.of_a_reset("ada@example.com", all_is_closed=False),
    LETTERS.to_change_address("ada@example.com", "secret"),
    LETTERS.of_a_changed_address("ada@example.com"),
]


@pytest.mark.parametrize("letter", ALL, ids=lambda letter: letter.subject)
def test_every_link_leads_to_the_one_heliograph_and_what_is_secret_is_behind_the_hash(letter: Letter) -> None:
    links = [part.address for part in letter.parts if isinstance(part, Link)]

    assert links
    for link in links:
        page, _, secret = link.partition("#")
        assert page.startswith("https://photos.example.org/")
        assert "?" not in page
        assert secret in {"", "secret"}
        assert link in letter.text
        assert f'href="{link}"' in letter.html


@pytest.mark.parametrize("letter", ALL, ids=lambda letter: letter.subject)
def test_nothing_in_a_letter_is_fetched(letter: Letter) -> None:
    assert not any(tag in letter.html for tag in ("<img", "<link", "<style", "<script", "src="))


def test_what_is_said_in_html_is_text() -> None:
    letter = Letter("ada@example.com", "Hello", ("1 < 2 & 3", Link('"quoted"', "https://x.example/?a=1&b=2")))

    assert "1 &lt; 2 &amp; 3" in letter.html
    assert "&quot;quoted&quot;" in letter.html
    assert "?a=1&amp;b=2" in letter.html
    assert "1 < 2 & 3" in letter.text
