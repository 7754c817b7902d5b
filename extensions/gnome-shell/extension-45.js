// The form that GNOME Shell 45 and newer load; the shared part, focus.js, follows it in the installed file.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import {Extension} from 'resource:///org/gnome/shell/extensions/extension.js';

export default class FocusExtension extends Extension {
    enable() {
        this._teller = new FocusTeller(Gio, GLib, global.display);
    }

    disable() {
        this._teller.close();
        this._teller = null;
    }
}

