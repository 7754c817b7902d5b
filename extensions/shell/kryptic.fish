# Tells KrypticTrack which commands ran in this shell: the line, the folder, how it ended, how long it took.
#
# For each command a small file is written into a folder in memory that the program makes; where the program does not
# listen, nothing is done. No process is started, nothing is printed, nothing is waited for. Not told are commands that
# begin with a blank, and those of a private session. Needs fish 3.1; `kryptic shell remove` ends it.

if status is-interactive; and not builtin set -q _kryptic_box
    if builtin string match -q '/*' -- "$XDG_RUNTIME_DIR"
        set -g _kryptic_box $XDG_RUNTIME_DIR/kryptictrack/shell
    else
        set -l temporary /tmp
        set -q TMPDIR[1]; and set temporary $TMPDIR
        set -g _kryptic_box $temporary/kryptictrack-runtime-(id -u)/kryptictrack/shell
    end
    set -g _kryptic_count 0
    set -g _kryptic_folder $PWD

    function _kryptic_tell --on-event fish_postexec
        set -l code $status
        set -l folder $_kryptic_folder
        set _kryptic_folder $PWD
        builtin test -e $_kryptic_box/alive -a -O $_kryptic_box -a -z "$fish_private_mode"; or return 0
        builtin string match -qr '^\s|^$' -- $argv[1]; and return 0
        set _kryptic_count (builtin math $_kryptic_count + 1)
        builtin printf '%s\0' fish $code "$CMD_DURATION"000 "$folder" $argv[1] >$_kryptic_box/$fish_pid.$_kryptic_count 2>/dev/null
    end
end
