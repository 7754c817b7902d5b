# Tells KrypticTrack which commands ran in this shell: the line, the folder, how it ended, how long it took.
#
# For each command a small file is written into a folder in memory that the program makes; where the program does not
# listen, nothing is done. No process is started, nothing is printed, nothing is waited for. Not told are commands that
# begin with a blank, and those that bash keeps out of its own history. Needs bash 5.1; `kryptic shell remove` ends it.

if [[ $- == *i* && -z ${_kryptic_box-} && ${BASH_VERSINFO[0]}${BASH_VERSINFO[1]} -ge 51 ]]; then
  case ${XDG_RUNTIME_DIR-} in
    /*) _kryptic_box=$XDG_RUNTIME_DIR/kryptictrack/shell ;;
    *) _kryptic_box=${TMPDIR:-/tmp}/kryptictrack-runtime-$UID/kryptictrack/shell ;;
  esac
  _kryptic_began_us=0    # when the command began; 0 while none runs
  _kryptic_added=        # number of the history's next entry when the command began
  _kryptic_number=       # the same at the prompt before it
  _kryptic_line=         # the history's last entry at that prompt; empty while that is not known
  _kryptic_folder=$PWD   # where the shell stood at that prompt
  _kryptic_theirs=       # HISTCONTROL as the user has it, while ours is in force
  _kryptic_ours=
  _kryptic_saves=${HISTFILE-}
  _kryptic_count=0

  # The history's last entry into _kryptic_line. A builtin writes to a file without a fork, and to no variable.
  _kryptic_read() {
    HISTTIMEFORMAT='' builtin history 1 >|"$_kryptic_box/own/$$" || return 1
    IFS='' builtin read -r -d '' _kryptic_line <"$_kryptic_box/own/$$"
    : >|"$_kryptic_box/own/$$"
    _kryptic_line=${_kryptic_line#*[0-9][ *] }
    _kryptic_line=${_kryptic_line%$'\n'}
  }

  # Whether a line has come into the history is the one way to know that it did not begin with a blank. One that repeats
  # the last must be seen to come too: so as long as the program listens, ignoredups is done here and not by bash.
  _kryptic_take_over() {
    local word kept='' IFS=:
    case :${HISTCONTROL-}: in
      *:ignoredups:* | *:ignoreboth:*) ;;
      *) return 0 ;;
    esac
    for word in $HISTCONTROL; do
      case $word in
        ignoredups) ;;
        ignoreboth) kept+=:ignorespace ;;
        *) kept+=:$word ;;
      esac
    done
    _kryptic_theirs=$HISTCONTROL
    _kryptic_ours=${kept#:}
    HISTCONTROL=$_kryptic_ours
  }

  _kryptic_hand_back() {
    if [[ -n $_kryptic_theirs && ${HISTCONTROL-} == "$_kryptic_ours" ]]; then HISTCONTROL=$_kryptic_theirs; fi
    _kryptic_theirs=
  }

  # At the beginning of a prompt: tell what ran.
  _kryptic_tell() {
    local code=$? now_us=${EPOCHREALTIME/[^0-9]/} began_us=$_kryptic_began_us before=$_kryptic_line
    _kryptic_began_us=0
    if [[ ! -e $_kryptic_box/alive || ! -O $_kryptic_box ]]; then
      _kryptic_line=
      _kryptic_hand_back
      return 0
    fi
    # A command that changed the history itself leaves another number than it found, and is passed over.
    if [[ $began_us == 0 || -z $_kryptic_number || $HISTCMD != "$_kryptic_added" ]]; then return 0; fi
    _kryptic_read || return 0
    if ((_kryptic_added == _kryptic_number)); then
      # With erasedups an old entry goes when its like comes, so the number stays.
      case :${HISTCONTROL-}: in
        *:erasedups:*) [[ -n $before && $before != "$_kryptic_line" ]] || return 0 ;;
        *) return 0 ;;
      esac
    elif ((_kryptic_added != _kryptic_number + 1)); then
      return 0
    fi
    if [[ -n $_kryptic_theirs && ${HISTCONTROL-} == "$_kryptic_ours" && $before == "$_kryptic_line" ]]; then
      builtin history -d "$((HISTCMD - 1))"
    fi
    if [[ $_kryptic_line == [[:blank:]]* ]]; then return 0; fi
    # Who takes the history's file away in the middle of a session wants nothing kept of what follows.
    if [[ -n $_kryptic_saves && ${HISTFILE:-/dev/null} == /dev/null ]]; then return 0; fi
    builtin printf '%s\0' bash "$code" "$((now_us - began_us))" "$_kryptic_folder" "$_kryptic_line" \
      >|"$_kryptic_box/$$.$((_kryptic_count += 1))"
  }

  # At the end of a prompt, when others may have read the history of other shells in: remember how it stands.
  _kryptic_settle() {
    if [[ -e $_kryptic_box/alive && -O $_kryptic_box ]]; then
      if [[ -z $_kryptic_line || $HISTCMD != "$_kryptic_number" ]]; then _kryptic_read; fi
      _kryptic_take_over
    fi
    _kryptic_number=$HISTCMD
    _kryptic_folder=$PWD
  }

  PROMPT_COMMAND=(
    '{ _kryptic_tell || :; } 2>/dev/null'
    ${PROMPT_COMMAND[@]+"${PROMPT_COMMAND[@]}"}
    '{ _kryptic_settle || :; } 2>/dev/null'
  )
  # Read when a command is about to run. What is assigned within a number stays, and the text stays empty.
  PS0=${PS0-}'${BASH:$((_kryptic_began_us=${EPOCHREALTIME/[^0-9]/},_kryptic_added=HISTCMD,0)):0}'
fi
