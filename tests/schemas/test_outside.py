"""What came from outside goes out harmless, bounded, and otherwise as it was."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import TrainingParameters, outside

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=300)
HOSTILE = (
    "\x1b]0;owned\x07\x1b[2J\u202e<script>alert(1)</script>=1+1[x](javascript:alert(1))\x9b\x7f"
)
ORDINARY = (
    "펄서 후보 1.csv, J1759−3107 🛰️👩‍🚀, naïve ≥ 5 σ, می\u200cخواهم, ❤️, 'quoted', \\ and #1 (50 %)"
)
WAYS: list[Callable[[str], str]] = [
    outside.for_terminal,
    lambda text: outside.for_terminal(text, lines=True),
    outside.for_page,
    outside.for_log,
    outside.for_name,
    outside.for_place,
    outside.for_table,
    outside.for_csv,
    outside.for_json,
    outside.shortened,
    outside.without_credentials,
]
UNSEEN = {
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    *"\u00ad\u034f\u115f\u1160\u180e\u200b\u2060\u2800\u3164\ufeff\uffa0",
    *map(chr, range(0xE0000, 0xE0080)),
    *"\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029",
}


@pytest.mark.parametrize("way", WAYS)
@given(text=ANYTHING)
def test_what_has_gone_out_once_goes_out_the_same_again(
    way: Callable[[str], str], text: str
) -> None:
    once = way(text)
    assert way(once) == once


@pytest.mark.parametrize("way", WAYS)
def test_ordinary_text_of_any_language_stays_as_it_is(way: Callable[[str], str]) -> None:
    assert way(ORDINARY) == ORDINARY


@given(ANYTHING)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    assert not UNSEEN & set(outside.for_terminal(text))
    assert not UNSEEN & set(outside.for_log(text))
    assert not UNSEEN & set(outside.for_markdown(text))
    for way in (outside.for_page, outside.for_json):
        assert UNSEEN & set(way(text)) <= {"\t", "\n"}
    assert UNSEEN & set(outside.for_csv(text)) <= {"\t"}
    for way in WAYS[:7]:
        way(text).encode("utf-8")


@given(ANYTHING)
def test_nothing_visible_is_lost(text: str) -> None:
    kept = "".join(c for c in text if c not in UNSEEN and c.isprintable())
    shown = iter(outside.for_terminal(text))
    assert all(character in shown for character in kept)


@given(ANYTHING)
def test_what_was_made_visible_can_be_undone_where_nothing_looked_like_it(text: str) -> None:
    text = text.replace("\\", "/")
    assert outside.as_it_was(outside.for_terminal(text)) == text


def test_what_is_hidden_is_shown_by_its_number() -> None:
    assert outside.for_terminal("a\x1b[2J\x9b\u202eb\nc\td\re") == r"a\x1b[2J\x9b\u202eb\nc\td\re"
    assert outside.for_terminal("a\nb\tc\rd", lines=True) == "a\nb\tc\\rd"
    assert outside.for_terminal("sky\udcff.csv") == r"sky\udcff.csv"
    assert outside.for_terminal("J\u200b1\ufeff\xad\U000e0041") == r"J\u200b1\ufeff\xad\U000e0041"


@given(st.text(st.sampled_from(sorted(UNSEEN)), min_size=1))
def test_a_text_of_what_is_hidden_alone_is_shown_whole_by_each_way_out(text: str) -> None:
    assert outside.for_terminal(text).isascii()
    assert outside.as_it_was(outside.for_terminal(text)) == text
    assert json.loads(outside.for_json(json.dumps(text, ensure_ascii=False))) == text


@given(ANYTHING, st.integers(40, 200))
def test_a_value_a_name_and_a_message_have_a_longest_length(text: str, limit: int) -> None:
    assert len(outside.shortened(text, limit)) <= limit
    assert len(outside.for_name(text)) <= outside.VALUE_LIMIT
    assert len(outside.for_log(text * 20)) <= outside.MESSAGE_LIMIT


def test_what_was_shortened_says_how_long_it_was() -> None:
    assert outside.shortened("7" * 80_193) == "7" * 179 + "… (80,193 characters)"
    assert outside.shortened("7" * 200) == "7" * 200


@pytest.mark.parametrize(
    "cell",
    [
        "=cmd|' /C calc'!A0", "+1+cmd|'x'!A0", "-2+3+cmd|'x'!A0", "@SUM(A1)",
        " =1+1", '"=1+1"', ' " =1', "\u00a0=1", "＝1+1", "＠x", "-", "--5", "-1-", "+a",
        '=HYPERLINK("http://evil")', "-1,=cmd", "-45:10:34:1", "-x:1",
    ],
)  # fmt: skip
def test_a_formula_is_made_text(cell: str) -> None:
    assert outside.for_csv(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("row", "written"),
    [
        ("1;=cmd|' /C calc'!A0", "1;'=cmd|' /C calc'!A0"),
        ("-1;-2;=1+1;-3", "'-1;-2;'=1+1;-3"),
        ("a;-45:10:34;-1.5;+2e3", "a;-45:10:34;-1.5;+2e3"),
        ('J0437;" @SUM(A1)";7', 'J0437;\'" @SUM(A1)";7'),
        ("1\t=1+1", "1\t'=1+1"),
        ("-1\t@x", "'-1\t'@x"),
        ("1;\t+a", "1;\t'+a"),
        ("\t=1+1", "'\t'=1+1"),
        ("a,=1", "a,=1"),
    ],
)
def test_no_cell_that_a_spreadsheet_with_another_separator_finds_in_a_row_is_a_formula(
    row: str, written: str
) -> None:
    assert outside.for_csv(row) == written


@given(st.lists(st.sampled_from([*"=+-@;\t\" 1a'", "\n"]), max_size=12).map("".join))
def test_neither_a_semicolon_nor_a_tab_makes_a_formula_of_the_rest(text: str) -> None:
    for cell in re.split(r"[;\t]", outside.for_csv(text)):
        found = cell.lstrip(' "')
        if not re.fullmatch(r"[-+]?1+( [-+]?1+)* *", found):
            assert found[:1] not in {"=", "+", "-", "@"}


def test_a_line_end_before_a_formula_is_made_visible() -> None:
    assert outside.for_csv("\r=1+1") == r"\r=1+1"
    assert outside.for_csv("\n=1+1") == r"\n=1+1"


@pytest.mark.parametrize(
    "cell",
    [
        "-1.5", "+12:30:05.5", "-45:10:34", "-.5e-3", "1e5", "-1.5,2.0,-3,1", "-1.5\t2.0\t1",
        "-1.5; 2; 0", " -1.5 2", "", "abc", "J1759-3107", "'=1", "a=b", "(-1)",
    ],
)  # fmt: skip
def test_numbers_positions_and_plain_text_stay_in_a_csv(cell: str) -> None:
    assert outside.for_csv(cell) == cell


@given(ANYTHING)
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    written = outside.for_csv(text)
    if written.lstrip(' \t"\u00a0')[:1] in {"=", "@"}:
        pytest.fail(repr(written))
    buffer = io.StringIO()
    csv.writer(buffer).writerow([written])
    assert next(csv.reader([buffer.getvalue()]))[0] == written


@given(st.recursive(ANYTHING, lambda inner: st.dictionaries(ANYTHING, inner, max_size=3)))
def test_json_says_the_same_and_no_terminal_obeys_it(value: object) -> None:
    written = outside.for_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(written) == json.loads(json.dumps(value))
    assert not UNSEEN & set(written)


def test_markdown_reads_it_as_text() -> None:
    written = outside.for_markdown(HOSTILE + "\n# head | cell `code`")
    assert r"\<script\>" in written
    assert r"\[x\](javascript" in written
    assert r"# head \| cell \`code\`" in written
    assert "\n" not in written


LINKS = re.compile(r"(?:https?|ftp)://|www\.|[^\s@]@[^\s@]", re.IGNORECASE)
"""What the UI's readers of Markdown make a link of: of the text, after its escapes are undone."""


def text_runs(written: str) -> list[str]:
    """Give what is shown of what `for_markdown` wrote, parted where it is shown as code."""
    return re.sub(r"\\(.)|`[^`]*`", lambda found: found[1] or "\0", written).split("\0")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("https://evil.example/a?c=1", "https`:`//evil.example/a?c=1"),
        ("HTTP://evil.example", "HTTP`:`//evil.example"),
        ("ftp://evil.example", "ftp`:`//evil.example"),
        ("a@@b www.://x", "a`@@`b www`.:`//x"),
        ("see www.evil.example, WWW.evil", "see www`.`evil.example, WWW`.`evil"),
        ("mailto:me@evil.example", "mailto:me`@`evil.example"),
        ("`@`", r"\``@`\`"),
        ("J1759-3107: 12:30:05.5, a.b, http:/", "J1759-3107: 12:30:05.5, a.b, http:/"),
    ],
)
def test_markdown_finds_no_link_in_it(text: str, written: str) -> None:
    assert outside.for_markdown(text) == written
    assert not any(LINKS.search(run) for run in text_runs(written))


@given(
    st.lists(
        st.sampled_from(
            ["http", "https", "ftp", ":", "//", "/", "www", ".", "@", "a", " ", "\\", "`", "\u200b"]
        ),
        max_size=12,
    ).map("".join)
)
def test_nor_in_anything_that_is_made_of_the_parts_of_links(text: str) -> None:
    assert not any(LINKS.search(run) for run in text_runs(outside.for_markdown(text)))


ADDRESSES = {
    "http://user:s3cret@host:8080/a/b@c.csv?token=s3cret#s3cret": "http://host:8080/a/b@c.csv",
    "https://s3cret@host/x": "https://host/x",
    "https://user:s3c@ret:s3cret@host/x": "https://host/x",
    "https://host?s3cret": "https://host",
    "https://host/x#s3cret": "https://host/x",
    "http://[::1]:80/x?s3cret": "http://[::1]:80/x",
    "http://u:s3cret@[::1/x": "http://[::1/x",
    "http://user:s3/cret@host/x": "http://user",
    "http://user:s3?cret@host/x": "http://user",
    "http://user:s3#cret@host/x": "http://user",
    "HTTP://user:s3cret\\@host/x": "HTTP://host/x",
    "simplecache::s3://key:s3cret@bucket/x?s3cret": "simplecache::s3://bucket/x",
    "zip://x.csv::http://u:s3cret@h/a.zip?s3cret": "zip://x.csv::http://h/a.zip",
    "abfss://box@host.example/x?s3cret": "abfss://box@host.example/x",
    "abfs://u:s3cret@host/x": "abfs://host/x",
    "sftp://s3cret@host/x": "sftp://host/x",
    "a/b@c?d.csv": "a/b@c?d.csv",
    "s3://bucket/key": "s3://bucket/key",
    "s3://bucket/n#2?x@a:b.csv": "s3://bucket/n#2?x@a:b.csv",
    "s3://bucket/x?versionId=1a": "s3://bucket/x?versionId=1a",
    "s3://bucket/x?s3_secret_access_key=s3cret": "s3://bucket/x",
    "S3A://bucket/x?versionId=1&key=s3cret": "S3A://bucket/x",
    "file:///sky/n?x=1.csv": "file:///sky/n?x=1.csv",
    "s3://key:s3/cret@bucket/x": "s3://key",
    "S3://key:1/s3cret@bucket/x": "S3://key",
    "file:///sky/n#2.csv": "file:///sky/n#2.csv",
}


@pytest.mark.parametrize(("address", "kept"), ADDRESSES.items())
def test_an_address_is_published_without_what_opens_it(address: str, kept: str) -> None:
    assert outside.without_credentials(address) == kept
    assert "s3cret" not in outside.without_credentials(address)


@given(
    *[st.text("abz0:@-._~!$&'()*+,;=%", min_size=1).map(lambda s: f"S{s}") for _ in range(3)],
)
def test_no_user_password_or_token_is_left_in_any_address(user: str, word: str, token: str) -> None:
    address = f"https://{user}:{word}@host.example/sky.csv?{token}"
    if "::" not in address:
        assert outside.without_credentials(address) == "https://host.example/sky.csv"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("n#2.csv", "n#2.csv"), ("a?b.csv", "a?b.csv"),
        ("x.csv?versionId=1a", "x.csv?versionId=1a"),
        ("x.csv?s3_secret_access_key=s3cret", "x.csv"), ("x.csv?key=a/s3cret", "x.csv"),
    ],
)  # fmt: skip
def test_what_names_a_run_of_an_object_holds_no_query(key: str, name: str) -> None:
    assert TrainingParameters(data=f"s3://bucket/{key}").data_name == name


@given(st.text().filter(lambda key: "://" not in key and "=" not in key))
def test_the_key_of_an_object_is_part_of_its_name(key: str) -> None:
    assert outside.without_credentials(f"s3://bucket/{key}") == f"s3://bucket/{key}"


@pytest.mark.parametrize("way", [*WAYS, outside.for_markdown])
@pytest.mark.parametrize(
    "pattern",
    ["1", "-1,", "-1:", " ", '"', "://", "@", "::", "\x1b", "[", ":", "-1 x", "http://a:"],
)
def test_a_long_row_of_anything_takes_no_time(way: Callable[[str], str], pattern: str) -> None:
    since = time.process_time()
    way(pattern * (100_000 // len(pattern)))
    assert time.process_time() - since < 1
