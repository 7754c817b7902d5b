import pytest

from app.models.choices import FirstRunChoice, KeyMethod, UnlockAttempt, UnlockMethod, strength


@pytest.mark.parametrize("passphrase", ["", "short", "123456789"])
def test_a_short_passphrase_cannot_be_used(passphrase):
    assert not strength(passphrase).usable


@pytest.mark.parametrize("passphrase", ["aaaaaaaaaaaaaaaaaaaa", "12345678901234567890", "abcdefghijklm"])
def test_repeats_and_runs_are_weak_however_long(passphrase):
    assert strength(passphrase).words.startswith("Weak")


def test_several_words_are_strong():
    assert strength("salt lantern quiet river").words == "Strong"


def test_a_longer_passphrase_is_never_judged_weaker():
    typed = "salt lantern quiet river"
    fractions = [strength(typed[:length]).fraction for length in range(len(typed) + 1)]
    assert fractions == sorted(fractions)


@pytest.mark.parametrize(
    "value",
    [
        FirstRunChoice(frozenset(), frozenset(), KeyMethod.PASSPHRASE, "hunter two"),
        UnlockAttempt(UnlockMethod.PASSPHRASE, "hunter two"),
    ],
    ids=["first run", "unlock"],
)
def test_no_secret_shows_in_a_repr(value):
    assert "hunter" not in repr(value)
