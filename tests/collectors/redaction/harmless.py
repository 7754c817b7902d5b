"""Harmless lines with words, numbers and letters that could be taken for secrets: none of them tells one.

{a20} and the like are drawn again each time, as in `planted_issued`.
"""

from __future__ import annotations

from typing import Final

LINES: Final = tuple(
    line
    for line in r"""
git show {x40}
git diff {x7}..{x7} -- src/token.py
git push origin feature/auth-token-refresh-{d4}
git rebase --onto main {x10} password-rules
git stash show stash@{3}
git log --author=me --grep='secret key'
git blame -L 10,20 auth/session_key.go
git bisect good {x12}
git checkout -b fix/{d5}-api-key-rotation
git tag -v v{d1}.{d2}.{d1}
git clone git@git.example.org:team/secrets-operator.git
git fetch https://git.example.org/team/token-service.git
git commit -m 'Do not log the password'
git commit -m 'Move api_key to the vault'
git commit -m 'Fix token: expired too early'
git commit -m 'Password: ask twice'
git format-patch -1 {x40} --stdout
docker pull registry.example.org/app@sha256:{x64}
docker run --rm -it --env-file .env app
docker inspect {x12}
docker exec {x64} ps
docker logs -f app_token_service_1
docker secret ls
docker build --secret id=npm,src=.npmrc .
podman run --secret db_password app
kubectl get secret db -o yaml
kubectl delete pod api-{x10}-{l5}
kubectl describe serviceaccount token-reader
kubectl create secret docker-registry reg --from-file=config.json
kubectl get certificaterequests -n auth
helm get values app --revision {d2}
terraform import aws_instance.web i-{x17}
terraform state mv aws_secretsmanager_secret.a aws_secretsmanager_secret.b
aws s3 cp s3://bucket/{uuid}/report.csv .
aws ec2 terminate-instances --instance-ids i-{x17}
aws secretsmanager list-secrets
aws kms describe-key --key-id {uuid}
aws sts get-caller-identity --profile work
gcloud auth print-access-token
gcloud compute ssh vm-{d4} --zone europe-west4-a
gcloud iam service-accounts list
az account set --subscription {uuid}
az keyvault list --resource-group rg
heroku logs --tail --app my-token-app
vault kv get -field=password secret/db
vault status
vault token lookup
op item list --vault Work
npm install jsonwebtoken@9.0.2 passport-local
npm audit fix --package-lock-only
npm run build -- --key value
npx create-react-app token-dashboard
yarn add @auth0/auth0-react
pip install keyring==24.3.1 secretstorage
pip install 'cryptography>=42,<44'
pip download tokenizers==0.{d2}.0 --no-deps
pip hash app-{d1}.{d1}.0-py3-none-any.whl
poetry add pyjwt@^2.8
cargo add secrecy zeroize
cargo run --release -- --tokens 512
go get golang.org/x/oauth2@v0.{d2}.0
go test ./auth/... -run TestTokenRefresh
python -m pytest tests/test_password.py::test_hash -x
python manage.py changepassword admin
python -m tokenize src/app.py
python train.py --max_tokens=4096 --pad-token '<pad>'
node --inspect server.js --port 3000
make token-service PASSWORD_FILE=/run/secrets/pw
make -j4 KEY=value test
ssh-keygen -lf ~/.ssh/id_ed25519.pub
ssh-keygen -R host-{d3}.example.org
ssh-add -l
ssh-copy-id -i ~/.ssh/id_ed25519.pub me@host
ssh -i ~/.ssh/work_key -L 8080:localhost:80 me@10.1.{d2}.{d2}
ssh -o PasswordAuthentication=no me@host
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b43} me@laptop
256 SHA256:{b43} me@laptop (ED25519)
gpg --recv-keys 0x{X16}
gpg --fingerprint {X40}
gpg --export-secret-keys --armor > ~/backup.asc
gpg -d notes.gpg | less
age -d -i ~/.age/key.txt x.age
openssl x509 -in cert.pem -noout -fingerprint
openssl s_client -connect example.org:443
openssl rand -hex 32
openssl dgst -sha256 file.iso
openssl req -new -key server.key -out server.csr
openssl enc -d -aes-256-cbc -pass file:/run/pw -in a
openssl rsa -in k.pem -passin env:PW
sha256sum file-{d4}.iso
sha1sum -c SHA1SUMS
echo {x64} > .expected
b2sum {a16}.bin
md5sum backup-{d8}.tar.gz
curl -fsSL https://example.org/install.sh | bash
curl -I https://example.org/{uuid}
curl -u me https://example.org/private
curl -H 'Accept: application/json' https://api.example.org/v1/items/{x24}
curl -H "X-Api-Key: $KEY" https://api.example.org
curl -H "Authorization: Bearer ${TOKEN}" https://api.example.org
curl -H "PRIVATE-TOKEN: $(pass-cat gitlab)" https://git.example.org
curl -d @login.json https://example.org/login
curl -F file=@token.png https://example.org/upload
curl -o key.asc https://example.org/keys/{X16}.asc
wget https://example.org/dl/{d8}/secret-of-mana.zip
http GET example.org/tokens page==2
mysql -u root -p
mysql -h db -P 3306 -u app -p app_production
mysqldump --defaults-file=~/.my.cnf app
psql -h db -U app -W app
psql -c '\password app'
psql -c 'alter role app valid until now()'
redis-cli -h cache -p 6379 get session:{uuid}
redis-cli -a "$REDIS_PASSWORD" ping
mongosh mongodb://localhost:27017/app
sqlite3 app.db 'select id, password_hash from users limit 1'
sudo passwd me
sudo chpasswd < users.txt
sudo -S true < /dev/null
passwd -l guest
chage -l me
usermod -p '!' guest
loginctl unlock-session c{d1}
secret-service-check --list
systemctl status systemd-ask-password-wall
journalctl -u token-service --since '2 hours ago'
grep -r 'api_key' config/ --include='*.yml'
grep -n "password:" docs/*.md
rg 'SECRET_KEY' -l
sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p' chain.pem
awk -F: '{print $1, $7}' /etc/passwd
find . -name '*token*' -newer a
ls -la ~/.password-store/work
cat /etc/passwd | cut -d: -f1
less /var/log/auth.log
vim src/components/PasswordField.tsx
vim ~/.config/app/credentials.toml.example
nano secrets.example.env
code ~/work/api-key-rotation
emacs notes/token-economy.org
tar xf app-{x40}.tar.gz
unzip -l report_{d8}_{d6}.zip
zip -r secrets-docs.zip docs
7z l backup-{d8}.7z
cp token.json.example token.json
mv IMG_{d8}_{d6}.jpg ~/Pictures
rm -rf node_modules/.cache/{x32}
mkdir -p keys/public
rsync -a --password-file=/etc/rsync.pw host::m .
rclone sync remote:photos ~/Pictures --password-command 'cat x'
restic backup ~/work --password-file ~/.restic
borg list ssh://me@host/./repo
mount UUID={uuid} /mnt
cryptsetup luksOpen /dev/sda3 data
cryptsetup luksDump /dev/sda3
mkfs.ext4 -U {uuid} /dev/sdb1
ip addr add 192.168.{d2}.{d2}/24 dev eth0
ip link set dev wlan0 address 02:{X2}:{X2}:{X2}:{X2}:{X2}
nmcli device wifi list
nmcli connection up 'Home 5G'
wg show wg0 latest-handshakes
iwctl station wlan0 scan
ping 2001:db8::{x4}:{x4}
dig +short TXT _dmarc.example.org
nmap -p 22,443 10.0.0.0/24
export PATH=$HOME/bin:$PATH
export EDITOR=vim PAGER=less
export TOKEN
export GITHUB_TOKEN="$(gh auth token)"
export DB_PASSWORD="${DB_PASSWORD:?}"
export API_KEY=<your-key>
export API_KEY=xxxxxxxx
export SECRET=...
unset AWS_SECRET_ACCESS_KEY
set -gx SSH_AUTH_SOCK /run/user/1000/keyring/ssh
alias token='gcloud auth print-access-token'
source .venv/bin/activate
read -s -p 'Password: ' PW
PS1='\u@\h:\w\$ '
test -n "$API_TOKEN" && echo set
if [ -z "$SECRET" ]; then exit 1; fi
for key in a b c; do echo $key; done
xdotool key ctrl+shift+t
xmodmap -e 'keycode 66 = Control_L'
setxkbmap -option ctrl:nocaps
gsettings get org.gnome.desktop.wm.keybindings close
bindsym Mod4+Return exec foot
ffmpeg -i in_{d8}.mp4 -c copy out.mkv
youtube-dl https://video.example.org/watch?v={a11}
mpv --sid=2 film.mkv
lp -d printer-{d2} report.pdf
date -d @17{d8}
at 14:30 tomorrow
crontab -e
kill -9 {d5}
strace -p {d5} -e trace=network
perf record -g --pid {d5}
gdb -p {d5} -batch -ex bt
adb shell input keyevent 26
cmake -DOPENSSL_ROOT_DIR=/usr -DWITH_TOKENS=ON ..
./configure --prefix=/usr --with-password-store
ansible-vault view group_vars/all/vault.yml
ansible-playbook site.yml --ask-vault-pass --ask-become-pass
htpasswd -c .htpasswd me
bw --version
pwgen -s 24 1
apt-cache policy libsecret-1-0
dpkg -l | grep keyring
snap refresh keepassxc-docs
flatpak update org.example.Tokens
https://example.org/blog/2026/11/21/how-to-store-a-password
https://example.org/docs/api-keys#rotate-a-key
https://example.org/docs/tokens/access-token-lifetime
https://example.org/questions/{d8}/what-is-a-bearer-token
https://example.org/wiki/Secret_(film)
https://example.org/a/{uuid}?tab=settings
https://example.org/p/{x32}
https://example.org/commit/{x40}#diff-{x64}
https://example.org/pull/{d5}/files#r{d9}
https://example.org/issues?q=is%3Aopen+label%3Atoken
https://docs.example.org/document/d/{a44}/edit
https://docs.example.org/spreadsheets/d/{a44}/edit#gid={d9}
https://video.example.org/watch?v={a11}&list=PL{a32}&index=3
https://video.example.org/shorts/{a11}
https://shop.example.org/dp/B0{u8}?ref=sr_1_3&qid=17{d8}
https://shop.example.org/order/{d3}-{d7}-{d7}
https://maps.example.org/@52.{d6},13.{d6},15z
https://news.example.org/politics/story-{d9}.html
https://news.example.org/item?id={d8}
https://music.example.org/track/{a22}?si={x16}
https://social.example.org/@me/1{d17}
https://chat.example.org/channels/{d18}/{d18}
https://meet.example.org/abc-defg-hij
https://calendar.example.org/event?eid={a20}
https://mail.example.org/mail/u/0/#inbox/{a32}
https://example.org/search?q=api+key+not+working&sort=new
https://example.org/search?q=token%3A+what+is+it
https://example.org/?utm_source=mail&utm_campaign=autumn{d4}
https://example.org/?page=2&sort=key&code=200
https://example.org/a?code=DE&lang=de
https://example.org/lookup?hash=none
https://example.org/help/reset/i-forgot-my-password
https://example.org/share/how-to-share-a-file-with-others
https://example.org/feed/all-the-news-of-today.xml
https://example.org/private/terms-and-conditions-of-use
https://example.org/invite/how-invitations-work-in-teams
https://example.org/user:profile
https://user@example.org/
http://localhost:3000/auth/callback
http://127.0.0.1:8888/lab/tree/token_counts.ipynb
file:///home/me/passwords-and-you.pdf
about:logins
chrome://settings/passwords
Sign in - Example
Forgot your password? - Example
Reset your password | Example
Create an API key - Console
API keys - Settings
Personal access tokens
Two-factor authentication - Security
Enter the code we sent you
Verify your email address
Your verification code is on its way
Your code review is due
Your PIN is too short
The secret life of walnut trees
The Da Vinci Code - Wikipedia
Token ring - Wikipedia
Bearer of bad news
Key: the legend of the map
Pass: 12, fail: 3
Password: eight characters or more
password required pam_unix.so
Token: expired
Secrets: 3, keys: 12
Authorization: how it works
Cookie policy
Session 4: tokens and cookies
code 200, code 404
Error code: 0x{x8}
exit code 137
Area code 030
QR code for the wifi
Promo code SUMMER
Country code +49
Postcode 10{d3} Berlin
Zip code 90210
Bar code 4006381333931
Invoice {d8} from 2026-11-{d1}
Order #{d10} has shipped
Tracking 1Z{u16}
Parcel {d12} arrives tomorrow
Flight LH{d3} to Lisbon
Booking reference {u6}
Booking {u6} is confirmed
Ticket {d6} was closed
Bug {d6}: token is lost
RFC 6750: bearer token usage
CVE-2026-{d5} in OpenSSL
ISSN 1476-4687
ISBN 978-0-13-468599-1
DOI 10.1038/s41586-026-{d5}-6
arXiv:2606.{d5}
PMID {d8}
VAT DE{d9}
HRB {d5} Amtsgericht
BIC COBADEFFXXX
Part number {u4}-{d6}
Serial {u10}
IMEI is on the box
Call 0{d3} {d7}
Fax +33 1 {d2} {d2} {d2} {d2}
Meeting ID {d3} {d4} {d4}
Room {d3}, floor {d1}
Score 15:40, set 2
1,234,567.89 EUR
Balance 2{d3},00
2026-11-21T10:{d2}:{d2}.{d6}Z INFO started
[2026-11-21 10:00:00] token refresh took 12 ms
level=info msg="password changed" user=me
Traceback (most recent call last): KeyError: 'token'
TypeError: token.split is not a function
const token = await getToken();
let password = document.getElementById('pw').value
self.token = self.next_token()
return secret == other.secret
def password_strength(text: str) -> float:
SELECT token, count(*) FROM usage GROUP BY token
color: #{x6}; background: #{x6}
data-v-{x8} class="token keyword"
#include <openssl/evp.h>
assert token.kind == TokenKind.NAME
password_field = PasswordField(label)
if key == 'q': break
index_key=users_by_email
cache_key=user_profile_{d6}
primary_key=id foreign_key=user_id
public_key=ssh-ed25519
partition_key=2026-11
sort_key=name
keycode=38 keysym=a
Das Passwort ist zu kurz
Das Geheimnis der Bienen
Wie lautet das Passwort?
Le mot de passe est oublié
La contraseña es obligatoria
O código de conduta
Il codice è pulito
Код готов
パスワードを忘れた場合
验证码是什么
Kod pocztowy 00-{d3}
Betreff: Rechnung {d6}
Termin am 21.11.2026 um 14:30
lorem ipsum dolor sit amet consectetur
abcdefghijklmnopqrstuvwxyz0123456789
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee
0000000000000000
1234567890123456
4000 0000 0000 0000
9999-9999-9999-9999
sk-learn-pipeline-with-custom-transformers
xoxo from everyone at the office
gh pr checkout {d4}
glance at the dashboard-of-everything
pypi-server run -p 8080 packages
hf_transfer hf_hub_download huggingface_hub
npm_config_registry npm_lifecycle_event npm_package_name
re_compile_all_the_patterns_of_a_module
fw_update_manager_service_for_devices
key-value-store-with-snapshots-and-backups
test_password_is_hashed_with_argon2_by_default
live_reload_of_modules_with_many_dependencies
secret_santa_list_for_the_whole_department_2026
API-DOCUMENTATION-OF-THE-SERVICE
SG.Airlines.booking
AKIAH is a village
AIza is a name
sha256:{x64}
sha512-{b86}==
integrity sha512-{b86}==
h1:{b43}=
urn:uuid:{uuid}
jdbc:postgresql://db:5432/app
s3://bucket/logs/2026/11/21/{x32}.gz
magnet:?xt=urn:btih:{x40}
data:image/png;base64,iVBORw0KGgo
com.example.app.auth.TokenProvider$Companion
/nix/store/{l32}-openssl-3.0.{d2}
/usr/lib/python3/dist-packages/secretstorage/__init__.py
/home/me/.cache/pip/http/{x1}/{x1}/{x1}/{x1}/{x1}/{x56}
/proc/{d5}/task/{d5}/comm
app-{x8}.js chunk-{u8}.css
IMG-{d8}-WA{d4}.jpg
screenshot_2026-11-21_10-{d2}-{d2}.png
Untitled-{d1}.ipynb - token_counts - editor
me@laptop: ~/work/secret-sharing
README.md - api-key-rotation - editor
passwords.py (~/work/site/users) - GVIM
#general - Team chat
(3) Inbox - me@example.org - Mail
Spreadsheet {d4} - Calc
""".strip().splitlines()
)
