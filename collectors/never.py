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
    " torbrowser tor-browser torbrowser-launcher mullvadbrowser".split()
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

BANK_HOSTS: Final = re.compile(
    r"banking|banque|banco|banca|banka|sparkasse|caixabank|raiffeisen|creditunion|(?:^|[.-])bank|bank(?=[.-]|$)"
    r"|(?:^|[.-])(?:paypal|revolut|wise|n26|monzo|comdirect|fidelity|schwab|vanguard|wellsfargo|chase|hsbc|barclays"
    r"|natwest|lloyds|santander|bbva|ubs|postfinance|cajamar|bankinter)(?=[.-]|$)"
)
"""Banking words in host names, which are matched in lower case."""
