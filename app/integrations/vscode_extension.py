"""Our extension of VS Code and its kin: packed as they take it, and handed to each editor's own command.

A folder laid next to the editor's other extensions is not enough: editors load what their list names. The package is a
zip with a manifest (learn.microsoft.com/visualstudio/extensibility, VSIX; the content types are ECMA-376, part 2).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from app.errors import KnownError
from collectors.extension_files import EXTENSIONS

COMMANDS: Final = ("code", "code-insiders", "codium", "code-oss", "cursor", "code-server")
"""The commands of the editors that load such extensions."""
FOLDER: Final = EXTENSIONS / "vscode"
_WITHIN_S: Final = 120
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can name, so that the same files give the same package
_TYPES: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension=".json" ContentType="application/json"/>'
    '<Default Extension=".js" ContentType="application/javascript"/>'
    '<Default Extension=".vsixmanifest" ContentType="text/xml"/></Types>'
)
_MANIFEST: Final = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">'
    '<Metadata><Identity Language="en-US" Id={name} Version={version} Publisher={publisher}/>'
    "<DisplayName>KrypticTrack</DisplayName><Tags></Tags><Categories>Other</Categories></Metadata>"
    '<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Dependencies/>'
    '<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>'
    "</Assets></PackageManifest>"
)


def about() -> Mapping[str, str]:
    """Its name, publisher and version."""
    known: Mapping[str, str] = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))
    return known


def identity() -> str:
    """The name by which editors know it: "publisher.name"."""
    known = about()
    return f"{known['publisher']}.{known['name']}"


def pack(target: Path) -> None:
    """Write the package.

    Args:
        target: the file, which takes the place of an older one.
    """
    known = about()
    manifest = _MANIFEST.format(**{key: quoteattr(known[key]) for key in ("name", "version", "publisher")})
    texts = {"[Content_Types].xml": _TYPES, "extension.vsixmanifest": manifest}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in texts.items():
            package.writestr(zipfile.ZipInfo(name, _EPOCH), text)
        for path in sorted(path for path in FOLDER.rglob("*") if path.suffix in (".js", ".json")):
            name = f"extension/{path.relative_to(FOLDER).as_posix()}"
            package.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes())


def editors(environ: Mapping[str, str]) -> dict[str, str]:
    """The editors of this machine: their commands' names and paths."""
    found = {name: shutil.which(name, path=environ.get("PATH", "")) for name in COMMANDS}
    return {name: path for name, path in found.items() if path is not None}


def install(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Hand the package to every editor of this machine; their names.

    Raises:
        KnownError: if there is none, or one did not take it.
    """
    with tempfile.TemporaryDirectory(prefix="kryptictrack-") as folder:
        package = Path(folder, f"{identity()}.vsix")
        pack(package)
        return _each(environ, "--install-extension", str(package), "--force")


def remove(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Take it out of every editor of this machine; as `install`."""
    return _each(environ, "--uninstall-extension", identity())


def _each(environ: Mapping[str, str], *options: str) -> tuple[str, ...]:
    found = editors(environ)
    if not found:
        raise KnownError(
            "No editor was found that takes this extension; nothing was changed.",
            f"Looked for {', '.join(COMMANDS)}: have its command on the PATH.",
        )
    for name, path in found.items():
        _run(name, [path, *options], environ)
    return tuple(found)


def _run(name: str, line: Sequence[str], environ: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - the user's own editor, found on the user's own path
            line, env=dict(environ), capture_output=True, text=True, check=False, timeout=_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KnownError(f"{name} did not answer ({error}).", "Close it, then try again.") from error
    if done.returncode:
        output = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()[-1]
        raise KnownError(f"{name} did not do it: {output}", "Do it in the editor's own list of extensions.")
