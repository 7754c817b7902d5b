"""Harmless texts that look as if they held a secret, made from patterns and a seeded generator."""

from __future__ import annotations

import string
from collections.abc import Iterator

from tests.collectors.redaction.harmless import LINES
from tests.collectors.redaction.planted import ALNUM, HEX, Maker
from tests.collectors.redaction.planted_issued import drawn


def look_alikes(seed: int = 2, rounds: int = 3) -> Iterator[str]:
    """Some 430 harmless texts a round; a further round draws other numbers."""
    make = Maker(seed)
    for _ in range(rounds):
        yield from _codes(make)
        yield from WORDS
        yield from (drawn(line, make) for line in LINES)


def _codes(make: Maker) -> Iterator[str]:
    sha = make.digest("sha1")
    yield f"git show {sha}"
    yield f"git cherry-pick {sha[:10]}"
    yield f"Revert token refresh, commit {sha}"
    yield f"sha256sum -c <<< '{make.digest('sha256')}  file.iso'"
    yield f"md5 {make.digest('md5')}"
    yield f"docker pull app@sha256:{make.digest('sha256')}"
    yield f"https://example.org/items/{make.uuid()}/edit"
    yield f"secret scan {make.uuid()}"
    yield f"pip install torch=={make.random.randint(1, 9)}.{make.random.randint(0, 30)}.0+cu{make.random.randint(100, 130)}"
    yield f"tail -f /var/log/app/2026-11-{make.random.randint(10, 28)}T10:11:12.{make.of('0123456789', 6)}Z.log"
    yield f"date -d @{make.random.randint(1_600_000_000, 1_790_000_000)}"
    yield f"select * from t where ts = {make.random.randint(1_600_000_000, 1_790_000_000)}{make.of('0123456789', 6)}"
    yield f"order {make.random.randint(10**12, 10**13)}"
    not_luhn = make.card("4", 16)
    yield f"id {not_luhn[:-1]}{(int(not_luhn[-1]) + 1) % 10}"
    yield f"vim /home/me/work/{make.of(string.ascii_lowercase, 12)}/src/main/java/org/example/{make.of(string.ascii_letters, 18)}.java"
    yield f"https://video.example.org/watch?v={make.of(ALNUM, 11)}&t=42s"
    yield f"https://example.org/search?q=password+reset+{make.of(string.ascii_lowercase, 8)}"
    yield f"ssh me@10.0.{make.random.randint(0, 255)}.{make.random.randint(0, 255)} -p 2222"
    yield f"base64 -d <<< aGVsbG8gd29ybGQ{make.random.randint(0, 9)}"
    yield f"kubectl logs app-{make.of(HEX, 10)}-{make.of(string.ascii_lowercase, 5)}"
    yield f"ls {make.of(ALNUM, 28)}.tar.gz"
    yield f"DE00{make.of(string.digits, 18)} is no account"


WORDS = (
    "cd ~/work/password-manager && npm test",
    "git commit -m 'Rotate the token when the password changes'",
    "PWD=/home/me OLDPWD=/home/me/work env",
    "vim tokenizer.py secret_santa.txt",
    "python train.py --max-tokens 4096 --token-limit 512",
    "./login --password-file ~/.pw --token-file=/run/token",
    "export PASSWORD_STORE_DIR=~/.store",
    'curl -u "$USER:$PASS" https://example.org',
    "mysql -u root -p app < dump.sql",
    "mysql -p$MYSQL_PASSWORD app",
    "PGPASSWORD=$PGPASSWORD psql",
    "export TOKEN=$(cat ~/.token)",
    "export API_KEY=${API_KEY:-}",
    "docker run -e DB_PASSWORD=${DB_PASSWORD} app",
    'curl -H "Authorization: Bearer $TOKEN" https://example.org',
    "How to reset your password - Help",
    "Password: what makes a good one",
    "The secret of good tea: patience",
    "token: a unit of text",
    "Tests pass: 15/20",
    "set -x GITHUB_TOKEN $OTHER",
    "set token back to its place",
    "How to set password rules",
    "token: 15,000",
    "pip install jwt==1.3.1",
    "ssh -p 22 host",
    "mkdir -p build/debug",
    "cp -p a b; tar -xpf c.tar",
    "grep -rn 'password' src/ | head",
    "if (token == other_token) return",
    "sk-refactor-the-module-loader-again",
    "pip install scikit-learn sk-video",
    "git checkout feature/sk-new-login-page-2",
    "ssh-keygen -t ed25519 -f ~/.ssh/id_work",
    "ansible all --private-key ~/.ssh/id_work -m ping",
    "cat ~/.ssh/id_work.pub",
    "openssl req -newkey rsa:4096 -keyout key.pem -out cert.pem",
    "https://example.org/docs/authorization#bearer-tokens",
    "https://example.org/a?key=name&sort=up",
    "http://localhost:8080/user:list",
    "scp host:/tmp/a:b .",
    "Zoom meeting 812 3456 7890",
    "call +49 30 901820",
    "ISBN 978-3-16-148410-0",
    "zip -r out.zip dir",
    "7z a out.7z dir",
    "redis-cli -h cache info",
    "unzip -P",
    "Your password is too short",
    "The password is required, mail",
    "My PIN is blocked",
    "the verification code is wrong",
    "2024 is your year",
    "12 is your lucky number",
    "https://example.org/docs/reset/getting-started-with-resets",
    "https://example.org/verify/your-first-python-program",
    "https://github.com/example/invite/blob/main/resources/README.md",
    "https://example.org/confirm/2026/11/20/some-plain-page-of-words",
    "psql -c 'select password from users'",
    "vault login -method=oidc",
    "kubectl create secret generic db --from-file=./login.txt",
    "ansible-vault encrypt_string --stdin-name db_login",
    "docker secret create db ./login.txt",
)
