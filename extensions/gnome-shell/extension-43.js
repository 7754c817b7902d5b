// The form that GNOME Shell 43 and 44 load; the shared part, focus.js, follows it in the installed file.

const {Gio, GLib} = imports.gi;

class FocusExtension {
    enable() {
        this._teller = new FocusTeller(Gio, GLib, global.display);
    }

    disable() {
        this._teller.close();
        this._teller = null;
    }
}

function init() {
    return new FocusExtension();
}

