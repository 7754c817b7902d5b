"""What is never recorded, whatever the settings say: password managers, their prompts, private windows, banks."""

# ruff: noqa: SIM905 - long lists of words read best as words

from __future__ import annotations

import re
from typing import Final

APPS: Final = frozenset(
    # Password managers and key rings.
    "keepassxc keepassxc-cli keepassx keepass keepass2 kpcli bitwarden bitwarden-desktop bw rbw 1password op seahorse"
    " enpass lastpass lpass dashlane nordpass protonpass proton-pass buttercup passky authpass padloc gopass pass"
    " qtpass secrets secret-tool kwalletmanager kwalletmanager5 kwalletmanager6 kwalletd5 kwalletd6 ksecretd"
    # One-time passwords.
    " authenticator otpclient yubioath-desktop yubico-authenticator com.yubico.yubioath ente-auth"
    # Prompts that take a password.
    " gcr-prompter gcr-prompter4 gnome-keyring gnome-keyring-daemon gnome-keyring-prompt pinentry pinentry-gtk-2"
    " pinentry-gnome3 pinentry-qt pinentry-qt5 pinentry-x11 pinentry-curses pinentry-tty pinentry-fltk"
    " ssh-askpass ksshaskpass lxqt-openssh-askpass x11-ssh-askpass gnome-ssh-askpass zenity-password"
    " polkit-gnome-authentication-agent-1 polkit-kde-authentication-agent-1 polkit-mate-authentication-agent-1"
    " lxpolkit lxqt-policykit-agent xfce-polkit mate-polkit polkit-agent-helper-1 hyprpolkitagent soteria pkexec"
    # Tools that make private windows.
    " torbrowser tor-browser torbrowser-launcher mullvadbrowser"
    # More of each, and what handles money.
    " keeweb psono passwordsafe pwsafe password-safe revelation ripasso lesspass browserpass kpmenu rofi-pass rofi-rbw"
    " passmenu passff tessen authy gnome-authenticator keysmith numberstation otpclient-cli vaultwarden bitwarden-cli"
    " pinentry-fuzzel pinentry-rofi pinentry-bemenu pinentry-dmenu pinentry-efl systemd-ask-password lxqt-sudo gksu"
    " gksudo kdesu kdesudo dde-polkit-agent deepin-polkit-agent ukui-polkit cosmic-osd-polkit gcr-viewer"
    " ledger-live-desktop trezor-suite electrum monero-wallet-gui monero-wallet-cli exodus jameica hibiscus moneyplex"
    " starmoney aqbanking-cli".split()
)
"""Programs and window classes, lower case."""

_PRIVATE_WORDS: Final = (
    r"private browsing|private window|new private tab|incognito|inprivate|tor browser",
    r"privater modus|privates fenster|privates surfen|inkognito",
    r"navigation privée|fenêtre privée|navigation priv\u0065\u0301e",
    r"navegación privada|ventana privada|incógnito|navegació privada",
    r"navigazione anonima|navigazione in incognito|finestra anonima",
    r"navegação privada|navegação privativa|navegação an[ôó]nima|janela privada|anônima",
    r"privénavigatie|privévenster|privé-venster",
    r"tryb prywatny|przeglądanie prywatne|okno prywatne",
    r"anonymní prohlížení|anonymní okno|súkromné prehliadanie",
    r"privat surfning|privat browsing|privat nettlesing|privat vindue|privat vindu|privat fönster",
    r"yksityinen selaus|yksityinen ikkuna",
    r"privát böngészés|privát ablak|navigare privată|fereastră privată",
    r"gizli gezinti|gizli pencere",
    r"приватный просмотр|приватное окно|инкогнито|приватний перегляд|приватне вікно|анонімний перегляд",
    r"ιδιωτική περιήγηση|ανώνυμη περιήγηση",
    r"プライベートブラウジング|プライベートウィンドウ|シークレット",
    r"隐私浏览|隱私瀏覽|隐私窗口|隱私視窗|无痕|無痕",
    r"사생활 보호 모드|시크릿",
    r"גלישה פרטית|تصفح خاص|التصفح المتخفي",
)
PRIVATE_TITLES: Final = re.compile("|".join(_PRIVATE_WORDS), re.IGNORECASE)
"""What the main browsers write in the titles of their private windows, in their main languages."""

TITLES: Final = re.compile(
    r"(?<!\w)(?:(?:online|internet|net|mobile|home|telephone)[ -]?banking|e-?banking|internetbank(?:en|ing)?|netbank"
    r"|banque en ligne|banca (?:en l[ií]nea|online|electr[oó]nica|m[oó]vil|digitale)"
    r"|bankowość (?:internetowa|elektroniczna)"
    r"|интернет-банк|онлайн-банк|push-?tan|photo-?tan|chip-?tan|sms-?tan|tan-verfahren|3-?d[ -]secure|verified by visa"
    r"|identity check|strong customer authentication"
    r"|bitwarden web vault|1password|lastpass|dashlane|proton pass|google password manager|passwortmanager"
    r"|password manager|gestionnaire de mots de passe|gestor de contraseñas)(?!\w)",
    re.IGNORECASE,
)
"""Words in titles of pages that are somebody's bank, payment or passwords, if no address tells."""

PAGES: Final = re.compile(
    r"(?:about:(?:logins|privatebrowsing|preferences#privacy)|(?:chrome|edge|brave|vivaldi|opera)://"
    r"(?:settings/(?:passwords|payments|autofill|addresses)|password-manager|wallet|passwords))",
    re.IGNORECASE,
)
"""Pages of the browser itself that show passwords, cards or addresses."""

_SHORT_NAMES: Final = (
    "ing dkb n26 lcl td rbc bmo cibc anz nab dnb seb kbc tsb bnl sbi ubs hsbc bbva wise bunq chase citi ally sofi"
    " mbank pekao pkobp bawag erste asn knab amex dbs ocbc uob".split()
)
HOSTS: Final = re.compile(
    r"banking|banque|banco|banca|banka|sparkasse|caixabank|raiffeisen|creditunion|(?:^|[.-])bank|bank(?=[.-]|$)"
    r"|(?:^|[.-])(?:paypal|revolut|monzo|comdirect|fidelity|schwab|vanguard|wellsfargo|chase|barclays|wise|n26|hsbc"
    r"|natwest|lloyds|halifax|firstdirect|nationwide|santander|bbva|postfinance|cajamar|bankinter|sabadell|ibercaja"
    r"|unicredit|intesasanpaolo|mediolanum|fineco|bnpparibas|societegenerale|credit-?agricole|credit-?mutuel"
    r"|caisse-epargne|boursorama|abnamro|belfius|nordea|handelsbanken|capitalone|americanexpress|scotiabank|desjardins"
    r"|commbank|westpac|venmo|cash-?app|klarna|traderepublic|degiro|etrade|robinhood|interactivebrokers|flatex"
    r"|coinbase|kraken|binance|bitstamp|bitpanda|ubs)(?=[.-]|$)"
    rf"|(?:^|\.)(?:{'|'.join(_SHORT_NAMES)})\.[a-z]{{2,3}}(?:\.[a-z]{{2}})?$"
    # Sites that keep passwords, and those that confirm a login or a payment.
    r"|(?:^|[.-])(?:bitwarden|1password|lastpass|dashlane|keepersecurity|nordpass|roboform|enpass|passbolt|vaultwarden)"
    r"(?=[.-]|$)|^passwords\.google\.|^pass\.proton\.me$|^(?:vault|keepass|passwords?)\.|^(?:3ds|acs|secure-?payment)"
    r"|^(?:checkout|pay|payments?|js)\.(?:stripe|paypal|google|amazon|klarna|adyen|mollie)\."
)
"""Hosts of banks, payments and password managers, matched in lower case."""
