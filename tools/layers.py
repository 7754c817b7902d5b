"""The shape of the project: who may import whom, and where a library may be used. `tools.architecture` holds it."""

from __future__ import annotations

from typing import Final

PRODUCT: Final = ("app", "collectors", "neural", "resources")

# Upper rows may import lower ones. Names in one row are independent of each other. The longest fitting name counts.
LAYERS: Final = (
    ("app.__main__",),
    ("app.cli",),
    ("app.composition",),
    ("app.desktop",),
    (
        "app.cli_log",
        "app.cli_parser",
        "app.cli_keys",
        "app.cli_forget",
        "app.cli_gnome",
        "app.cli_backup",
        "app.cli_shell",
        "app.cli_vscode",
        "app.entrance",
    ),
    ("app.rotating",),
    ("app.bridge", "app.cli_text"),
    (
        "app.bridge_charts",
        "app.bridge_chat",
        "app.bridge_keys",
        "app.bridge_live",
        "app.bridge_mind",
        "app.bridge_pairing",
        "app.bridge_patterns",
        "app.bridge_values",
    ),
    ("app.program", "app.door"),
    ("app.program_inlets", "app.program_learning", "app.program_settings"),
    ("app.tray", "app.views"),
    ("app.models",),
    ("app.api", "app.workers"),
    ("app.services",),
    ("app.api.tokens",),
    ("app.services.backend",),
    ("app.services.status",),
    ("app.store",),
    ("app.config", "app.log", "app.relaunch", "app.autostart", "app.gnome_shell", "app.shell_hooks", "app.vscode"),
    ("app.instance",),
    ("app.paths", "app.log_format", "app.memory", "app.files"),
    ("app.errors",),
    ("neural",),
    ("collectors",),
    ("collectors.events",),
    ("resources",),
)

# Modules of plain values that several rooms speak in. Using a room's words does not make one depend on the room.
SHARED_WORDS: Final = frozenset(
    {
        *("app.api.tokens", "app.services.backend", "app.services.status"),
        *("collectors.events", "neural.messages", "neural.language.facts", "neural.reward.actions"),
    }
)

# Third-party names, and the only places that may import them.
CONFINED: Final = (
    (
        frozenset({"PySide6", "shiboken6", "pyqtgraph"}),
        (
            *(
                "app.__main__",
                "app.composition",
                "app.desktop",
                "app.entrance",
                "app.rotating",
                "app.bridge",
                "app.bridge_charts",
                "app.bridge_chat",
                "app.bridge_keys",
                "app.bridge_live",
                "app.bridge_mind",
                "app.bridge_pairing",
                "app.bridge_patterns",
                "app.program",
                "app.program_learning",
                "app.program_settings",
                "app.door",
                "app.tray",
                "app.views",
            ),
            *("app.models", "app.workers", "collectors.thread"),
        ),
    ),
    (
        frozenset({"torch", "llama_cpp", "numba"}),
        (
            *("neural.brain", "neural.language.llama", "neural.language.lora"),
            *("neural.reward.network", "neural.reward.irl", "neural.reward.fitting", "neural.reward.training"),
            *("neural.reward.tabular", "neural.moments.training", "neural.reward.compiled"),
        ),
    ),
)
HEAVY: Final = CONFINED[1][0]
DESKTOP_PROCESS: Final = ("app", "collectors")
