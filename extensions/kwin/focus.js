// Tells KrypticTrack which window has the focus, and nothing else. The program loads it into KWin while its window sense
// is on, with `receiver` set to the program's own address on the session bus, and takes it out again afterwards.
//
// For Plasma 5 (workspace.clientActivated, activeClient) and Plasma 6 (windowActivated, activeWindow).
// https://develop.kde.org/docs/plasma/kwin/api/

const TITLE_GAP_MS = 250;
const activated = workspace.windowActivated || workspace.clientActivated;
let watched = null;
let toldAt = 0;
let later = null;

// The caption is the title, and what KWin adds where another window has the same one: " <2>".
function titleOf(window) {
    return String(window.caption || "").replace(/ <[0-9]+>\u200e?$/, "");
}

function tell() {
    toldAt = Date.now();
    const known = watched !== null;
    callDBus(
        receiver, "/org/kryptictrack/Focus", "org.kryptictrack.Focus", "Seen",
        known ? `${watched.internalId} ${watched.pid}` : "",
        known ? String(watched.resourceClass || "") : "",
        known ? titleOf(watched) : "",
        known ? String(watched.pid || 0) : "0");
}

function retitled() {
    const wait = toldAt + TITLE_GAP_MS - Date.now();
    if (later === null || wait <= 0 || wait > TITLE_GAP_MS) {
        tell();
    } else if (!later.active) {
        later.interval = wait;
        later.start();
    }
}

function watch(window) {
    if (watched !== null) {
        try {
            watched.captionChanged.disconnect(retitled);
        } catch (gone) {
            // It was closed.
        }
    }
    if (later !== null) {
        later.stop();
    }
    watched = window || null;
    if (watched !== null) {
        watched.captionChanged.connect(retitled);
    }
    tell();
}

if (typeof QTimer !== "undefined") {
    later = new QTimer();
    later.singleShot = true;
    later.timeout.connect(tell);
}
activated.connect(watch);
watch(workspace.activeWindow || workspace.activeClient);
