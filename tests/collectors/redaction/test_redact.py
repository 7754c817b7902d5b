"""What redaction takes out, what it leaves, and that it can be trusted with any text."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.redaction.redact import redact
from tests.collectors.redaction.look_alikes import look_alikes
from tests.collectors.redaction.planted import secrets


def test_finds_the_planted_secrets(capsys):
    planted = list(secrets(rounds=2))
    missed = [plant for plant in planted if plant.secret in redact(plant.text).text]
    recall = 1 - len(missed) / len(planted)
    with capsys.disabled():
        print(f"\nredaction: recall {recall:.4f} over {len(planted)} planted secrets")  # noqa: T201 - the measure is part of the test's report
    assert len({plant.text for plant in planted}) >= 900
    assert recall >= 0.99, missed


def test_leaves_look_alikes_whole(capsys):
    plain = list(look_alikes(rounds=2))
    touched = [text for text in plain if redact(text).text != text]
    found = sum(plant.secret not in redact(plant.text).text for plant in secrets(rounds=2))
    precision = found / (found + len(touched))
    with capsys.disabled():
        print(f"\nredaction: precision {precision:.4f}, {len(touched)} of {len(plain)} look-alikes touched")  # noqa: T201 - as above
    assert len(set(plain)) >= 500
    assert precision >= 0.99, touched


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("export DB_PASSWORD=hunter2 && make", "export DB_PASSWORD=‹redacted:secret› && make"),
        ("mysql -uroot -phunter2 app", "mysql -uroot -p‹redacted:password› app"),
        ("curl -u me:hunter2 https://x.org", "curl -u me:‹redacted:password› https://x.org"),
        ("psql postgres://me:hunter2@db/app", "psql postgres://me:‹redacted:password›@db/app"),
        ("curl -H 'Authorization: Bearer abc' x", "curl -H 'Authorization: Bearer ‹redacted:authorization›' x"),
        ('{"password": "hunter2", "user": "me"}', '{"password": "‹redacted:secret›", "user": "me"}'),
        ("https://x.org/?token=abc1&b=2", "https://x.org/?token=‹redacted:secret›&b=2"),
        ("pay 4111 1111 1111 1111 now", "pay ‹redacted:card› now"),
        ("to DE89 3704 0044 0532 0130 00 now", "to ‹redacted:iban› now"),
        ("sshpass -p 'two words' ssh host", "sshpass -p '‹redacted:password›' ssh host"),
    ],
)
def test_keeps_what_stands_around_a_secret(text, kept):
    assert redact(text).text == kept


def test_counts_what_it_takes_out():
    assert redact("A_TOKEN=abc B_PASSWORD=def C=ghi").count == 2


def test_a_secret_found_in_two_ways_counts_once():
    assert redact("GITHUB_TOKEN=ghp_" + "a1B2" * 9).count == 1


def test_a_key_that_was_cut_off_is_taken_to_the_end():
    assert redact("-----BEGIN RSA PRIVATE KEY-----\nMIIE").text == "‹redacted:private-key›"


TRICKY = st.text(alphabet=st.one_of(st.sampled_from("'\"\\=:-@/?&;|‹› \nA1z"), st.characters(codec=None)), max_size=40)
PIECES = st.lists(
    st.one_of(
        TRICKY,
        st.sampled_from(
            ["password=", "--token ", "mysql -p", "‹redacted:card›", "curl -u a:", "https://a:b@c", "token", "Bearer "]
        ),
        st.sampled_from([plant.text for plant in secrets(rounds=1)]),
    ),
    max_size=6,
).map("".join)


@given(PIECES)
@settings(deadline=None, max_examples=400)
@example("password=‹redacted:card›x")
@example("'a=‹password=\"")
def test_redacting_twice_changes_nothing(text):
    once = redact(text)
    twice = redact(once.text)
    assert (twice.text, twice.count) == (once.text, 0)


@given(st.sampled_from(list(secrets(rounds=1))), st.text("abc .,;\n", max_size=20), st.text("abc .,;\n", max_size=20))
@settings(deadline=None)
def test_a_planted_secret_is_found_amid_other_text(plant, before, after):
    assert plant.secret not in redact(f"{before} \n{plant.text}\n {after}").text


@pytest.mark.parametrize(
    "unit",
    ["a", "mysql ", "a=", 'password="', "token ", "://a:", '"\\', "-----BEGIN PRIVATE KEY-----", "eyJaaaaaaaaa.", "a.b-c_",
     "1234 ", "DE89 ", "curl -u a", "echo a ", "AKIA", "'password=", "--a-", "$(", "Authorization: ", "‹redacted:a›"],
)  # fmt: skip
def test_long_repetitive_text_comes_back(unit):
    """A pattern that went back over the text for each of its places would not return from these."""
    text = unit * (100_000 // len(unit))
    assert len(redact(text).text) <= 4 * len(text)


def test_a_text_is_judged_again_however_often_others_were_clean() -> None:
    for number in range(20_000):
        assert redact(f"make target-{number % 9_000}").count == 0
    for _ in range(3):
        assert redact("export API_TOKEN=h7Gq2LwZ9xKpV4tB").count == 1
