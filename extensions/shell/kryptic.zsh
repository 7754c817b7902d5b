# Tells KrypticTrack which commands ran in this shell: the line, the folder, how it ended, how long it took.
#
# For each command a small file is written into a folder in memory that the program makes; where the program does not
# listen, nothing is done. No process is started, nothing is printed, nothing is waited for. Not told are commands that
# begin with a blank. Needs zsh 5.1; `kryptic shell remove` ends it.

if [[ -o interactive && -z ${_kryptic_box-} ]] && zmodload zsh/datetime 2>/dev/null; then
  if [[ ${XDG_RUNTIME_DIR-} == /* ]]; then
    typeset -g _kryptic_box=$XDG_RUNTIME_DIR/kryptictrack/shell
  else
    typeset -g _kryptic_box=${TMPDIR:-/tmp}/kryptictrack-runtime-$UID/kryptictrack/shell
  fi
  typeset -g _kryptic_line= _kryptic_folder= _kryptic_saves=${HISTFILE-}
  typeset -gF _kryptic_began_s=0
  typeset -gi _kryptic_count=0

  _kryptic_begin() {
    {
      _kryptic_line=$1
      _kryptic_folder=$PWD
      _kryptic_began_s=$EPOCHREALTIME
    } 2>/dev/null
  }

  _kryptic_tell() {
    {
      local code=$? now_s=$EPOCHREALTIME line=$_kryptic_line
      emulate -L zsh
      _kryptic_line=
      [[ -n $line && $line != [[:blank:]]* && -e $_kryptic_box/alive && -O $_kryptic_box ]] || return 0
      # Who takes the history's file away in the middle of a session wants nothing kept of what follows.
      [[ -z $_kryptic_saves || ${HISTFILE:-/dev/null} != /dev/null ]] || return 0
      local -i took_us=$(((now_s - _kryptic_began_s) * 1000000))
      builtin print -rN -- zsh $code $took_us "$_kryptic_folder" "$line" >|$_kryptic_box/$$.$((_kryptic_count += 1))
    } 2>/dev/null
  }

  typeset -ga preexec_functions precmd_functions
  preexec_functions=(_kryptic_begin "${preexec_functions[@]}")
  precmd_functions=(_kryptic_tell "${precmd_functions[@]}")
fi
