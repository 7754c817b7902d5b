"""The end of a Qt object in a test: here and now, not whenever and in whichever thread Python collects it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject


def bury(*objects: QObject) -> None:
    """Deliver what is still on its way to these objects, then delete them with their children."""
    QCoreApplication.sendPostedEvents()
    for each in objects:
        each.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
