"""A planted corpus: secrets in the places if people leave them.

They are made from patterns and a seeded generator, so that no real-looking secret stands in the source.
"""

from __future__ import annotations

import hashlib
import random
import string
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from collectors.redaction.shapes import luhn
from tests.collectors.redaction.planted_issued import issued
from tests.collectors.redaction.planted_places import CODES, IBANS, PASSWORDS, TOKENS

ALNUM = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Planted:
    """A text with one secret in it."""

    text: str
    secret: str


class Maker:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def of(self, alphabet: str, length: int) -> str:
        return "".join(self.random.choice(alphabet) for _ in range(length))

    def password(self) -> str:
        return self.random.choice(("hunter", "Sommer", "correct", "Tr0ub")) + self.of(ALNUM + "%_.,+^", 7) + "7"

    def mixed(self, length: int) -> str:
        return "aB3" + self.of(ALNUM, length - 3)

    def card(self, prefix: str, length: int) -> str:
        body = prefix + self.of(string.digits, length - len(prefix) - 1)
        return next(body + digit for digit in string.digits if luhn(body + digit))

    def iban(self, country: str, body: str) -> str:
        number = "".join(str(int(character, 36)) for character in f"{body}{country}00")
        return f"{country}{98 - int(number) % 97:02d}{body}"

    def digest(self, name: str) -> str:
        return hashlib.new(name, self.random.randbytes(16)).hexdigest()

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self.random.randbytes(16), version=4))


def secrets(seed: int = 1, rounds: int = 3) -> Iterator[Planted]:
    """Some 480 secrets a round, each in a frame of its own; a further round draws other secrets."""
    make = Maker(seed)
    for _ in range(rounds):
        yield from _issued(make)
        yield from _assigned(make)
        yield from _switched(make)
        yield from _addressed(make)
        yield from _numbers(make)
        yield from _reported(make)
        yield from _placed(make)


def _issued(make: Maker) -> Iterator[Planted]:
    for text, token in issued(make):
        yield Planted(text, token)
    for kind in ("RSA ", "OPENSSH ", "EC ", ""):
        body = make.of(ALNUM + "+/", 64)
        yield Planted(
            f"cat > k <<E\n-----BEGIN {kind}PRIVATE KEY-----\n{body}\n-----END {kind}PRIVATE KEY-----\nE", body
        )
    body = make.of(ALNUM + "+/", 64)
    yield Planted(f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{body}", body)


def _assigned(make: Maker) -> Iterator[Planted]:
    frames = (
        "export DB_PASSWORD={}",
        "PGPASSWORD={} psql -h db app",
        "MYSQL_PWD={} mysqldump app > out.sql",
        "GITHUB_TOKEN='{}' make release",
        'AWS_SECRET_ACCESS_KEY="{}" aws s3 ls',
        "set -x STRIPE_SECRET={}",
        "set -gx STRIPE_SECRET {}",
        "set --export --universal DB_PASSWORD '{}'",
        "setenv API_TOKEN {}",
        "docker run -e POSTGRES_PASSWORD={} postgres",
        'curl -d \'{{"user":"me","password":"{}"}}\' https://example.org/login',
        "curl -d 'user=me&password={}' https://example.org/login",
        'echo "api_key: {}" >> config.yml',
        "kubectl create secret generic db --from-literal=password={}",
        "helm upgrade app . --set auth.adminPassword={}",
        "client_secret = {}",
        "ansible-playbook site.yml -e vault_token={}",
        "SECRET_KEY={}",
        "X_AUTH_TOKEN={} ./run",
    )
    for frame in frames:
        secret = make.password()
        yield Planted(frame.format(secret), secret)


def _switched(make: Maker) -> Iterator[Planted]:
    frames = (
        "mysql -u root -p{} app",
        "mysqldump -uroot -p'{}' app",
        "mariadb -h db -p{}",
        "sshpass -p {} ssh me@host",
        "sshpass -p'{}' scp a b:",
        "docker login -u me -p {} registry.example.org",
        "vault login --token {}",
        "rabbitmqadmin --username=me --password={} list queues",
        "wget --user=me --http-password={} https://example.org/f",
        "gpg --batch --passphrase {} -d x.gpg",
        "openssl enc -aes-256-cbc -pass pass:{} -in a -out b",
        "redis-cli -h cache -a {} ping",
        "curl -u me:{} https://example.org/api",
        "curl --user 'me:{}' https://example.org/api",
        "curl -H 'Authorization: Bearer {}' https://example.org",
        'http GET example.org "Authorization: Token {}"',
        "curl -H 'X-Api-Key: {}' https://example.org",
        "ldapsearch -x -D cn=admin -w {} -b dc=org",
        "smbclient //host/share -U me%{}",
        "zip -P {} a.zip b",
        "7z x -p{} a.7z",
        "htpasswd -bc .htpasswd me {}",
        "nmcli device wifi connect home password {}",
        "echo {} | sudo -S apt update",
        "echo 'me:{}' | chpasswd",
        "echo {} | docker login -u me --password-stdin",
        "gh auth login --with-token <<< {}",
        "curl -x proxy:80 -U a:$P -u me:{} https://example.org",
        "mongosh -u me -p {} db",
        "az login --service-principal -u id --password {}",
        "steamcmd --api-key {}",
    )
    for frame in frames:
        secret = make.password()
        yield Planted(frame.format(secret), secret)


def _addressed(make: Maker) -> Iterator[Planted]:
    for frame in (
        "https://me:{}@example.org/path",
        "git clone https://me:{}@git.example.org/x.git",
        "psql postgres://app:{}@db:5432/app",
        "redis://:{}@cache:6379/0",
        "amqp://me:{}@queue/vhost",
    ):
        secret = make.password()
        yield Planted(frame.format(secret), secret)
    for frame in (
        "https://example.org/cb?code={}&state=1",
        "https://example.org/f?access_token={}",
        "https://example.org/f?a=1&api_key={}#top",
        "https://maps.example.org/js?key={}",
        "https://store.example.org/b?X-Amz-Signature={}&X-Amz-Expires=60",
        "https://example.org/reset?token={}",
        "https://example.org/#id_token={}",
        "https://example.org/s?sid={}",
        "the api key is {}",
        "login with token {}",
    ):
        secret = make.mixed(32)
        yield Planted(frame.format(secret), secret)


def _numbers(make: Maker) -> Iterator[Planted]:
    for prefix, length in (("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("6011", 16), ("3530", 16), ("36", 14)):
        card = make.card(prefix, length)
        yield Planted(f"order paid with {card}, thanks", card)
    card = make.card("4", 16)
    spaced = " ".join(card[place : place + 4] for place in range(0, 16, 4))
    yield Planted(f"card {spaced}", spaced)
    yield Planted(f"card={spaced.replace(' ', '-')}", spaced.replace(" ", "-"))
    german = make.iban("DE", make.of(string.digits, 18))
    yield Planted(f"transfer to {german} today", german)
    yield Planted(" ".join(german[place : place + 4] for place in range(0, 22, 4)), german[-6:-2])
    british = make.iban("GB", make.of(string.ascii_uppercase, 4) + make.of(string.digits, 14))
    yield Planted(f"IBAN: {british}", british)


def _reported(make: Maker) -> Iterator[Planted]:
    for frame in (
        "ansible-vault encrypt_string {} --name db_login",
        "ansible-vault encrypt_string '{}' --name db_login",
        "vault login {}",
        "echo {} | docker secret create db -",
        "printf '{}' | podman secret create db -",
        "kubectl create secret generic db --from-literal=user={}",
        "psql -c \"ALTER ROLE app WITH PASSWORD '{}'\"",
        "create user app identified by '{}';",
        "SET PASSWORD FOR app = '{}'",
        "Your password is {} - Mail",
        "Re: the recovery code is {}.",
        'Your new passphrase is: "{}"',
    ):
        secret = make.password()
        yield Planted(frame.format(secret), secret)
    code = make.of(string.digits, 6)
    for frame in (
        "{} is your Example verification code",
        "G-{} is your code",
        "Your verification code is {}",
        "OTP is {}",
    ):
        yield Planted(frame.format(code), code)
    for frame in (
        "https://example.org/password_reset/{}",
        "https://example.org/accounts/reset/MTI/{}/",
        "https://example.org/verify-email/{}?next=home",
        "https://example.org/magic-link/{}",
        "https://example.org/u/invite/{}",
    ):
        secret = make.mixed(24)
        yield Planted(frame.format(secret), secret)


def _placed(make: Maker) -> Iterator[Planted]:
    for frame in PASSWORDS:
        secret = make.password()
        yield Planted(frame.replace("{{", "{").replace("}}", "}").replace("{}", secret), secret)
    for frame in TOKENS:
        secret = make.mixed(28)
        yield Planted(frame.replace("{}", secret), secret)
    for frame in CODES:
        code = make.of("123456789", 6)
        yield Planted(frame.replace("{}", code), code)
    for country, form in IBANS.items():
        letters, digits = form.split("d")
        iban = make.iban(country, make.of(string.ascii_uppercase, len(letters)) + make.of(string.digits, int(digits)))
        yield Planted(f"transfer to {iban}", iban)
        spaced = " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
        yield Planted(f"IBAN {spaced} - Bank", spaced)
