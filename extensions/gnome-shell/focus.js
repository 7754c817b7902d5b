// Which window has the focus, for those on the session bus that ask with Watch, and for nobody else. Where nobody asks,
// nothing is watched. This is the part that both forms of the extension share (see extension-43.js).

const PATH = '/org/kryptictrack/Focus';
const INTERFACE = 'org.kryptictrack.Focus';
const DESCRIPTION = `<node><interface name="${INTERFACE}">
  <method name="Watch"/>
  <method name="Unwatch"/>
  <signal name="Ready"/>
  <signal name="Seen">
    <arg type="s" name="window"/><arg type="s" name="application"/><arg type="s" name="title"/><arg type="s" name="pid"/>
  </signal>
</interface></node>`;
const TITLE_GAP_MS = 250;
const MOST_LISTENERS = 8;

class FocusTeller {
    constructor(Gio, GLib, display) {
        this._Gio = Gio;
        this._GLib = GLib;
        this._display = display;
        this._listeners = new Map();
        this._focusSignal = 0;
        this._window = null;
        this._windowSignals = [];
        this._toldAt = 0;
        this._later = 0;
        this._object = Gio.DBusExportedObject.wrapJSObject(DESCRIPTION, this);
        this._object.export(Gio.DBus.session, PATH);
        this._emit(null, 'Ready', null);
    }

    close() {
        if (this._listeners.size > 0)
            this._follow(null);
        for (const listener of [...this._listeners.keys()])
            this._forget(listener);
        this._object.unexport();
    }

    WatchAsync(_parameters, invocation) {
        const listener = invocation.get_sender();
        this._forget(listener);
        if (this._listeners.size >= MOST_LISTENERS) {
            invocation.return_dbus_error(`${INTERFACE}.Full`, 'too many listeners');
            return;
        }
        if (this._listeners.size === 0) {
            this._focusSignal = this._display.connect(
                'notify::focus-window', () => this._follow(this._display.focus_window));
        }
        this._listeners.set(listener, this._Gio.bus_watch_name_on_connection(
            this._Gio.DBus.session, listener, this._Gio.BusNameWatcherFlags.NONE, null, () => this._forget(listener)));
        invocation.return_value(null);
        this._follow(this._display.focus_window);
    }

    UnwatchAsync(_parameters, invocation) {
        this._forget(invocation.get_sender());
        invocation.return_value(null);
    }

    _forget(listener) {
        const watch = this._listeners.get(listener);
        if (watch === undefined)
            return;
        this._Gio.bus_unwatch_name(watch);
        this._listeners.delete(listener);
        if (this._listeners.size === 0) {
            this._leave();
            this._display.disconnect(this._focusSignal);
        }
    }

    _leave() {
        for (const signal of this._windowSignals)
            this._window.disconnect(signal);
        this._windowSignals = [];
        this._window = null;
        if (this._later)
            this._GLib.source_remove(this._later);
        this._later = 0;
    }

    _follow(window) {
        this._leave();
        this._window = window;
        if (window !== null) {
            this._windowSignals = ['notify::title', 'notify::wm-class'].map(
                change => window.connect(change, () => this._changed()));
        }
        this._tell();
    }

    _changed() {
        if (this._later)
            return;
        const wait = Math.max(0, this._toldAt + TITLE_GAP_MS - this._nowMs());
        this._later = this._GLib.timeout_add(this._GLib.PRIORITY_DEFAULT, wait, () => {
            this._later = 0;
            this._tell();
            return this._GLib.SOURCE_REMOVE;
        });
    }

    _tell() {
        this._toldAt = this._nowMs();
        const window = this._window;
        const seen = window === null ? ['', '', '', '0'] : [
            String(window.get_id()), window.get_wm_class() || '', window.get_title() || '', String(window.get_pid())];
        for (const listener of this._listeners.keys())
            this._emit(listener, 'Seen', new this._GLib.Variant('(ssss)', seen));
    }

    _emit(listener, name, body) {
        this._Gio.DBus.session.emit_signal(listener, PATH, INTERFACE, name, body);
    }

    _nowMs() {
        return this._GLib.get_monotonic_time() / 1000;
    }
}
