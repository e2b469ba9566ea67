#compdef persistproc
# Completion of persistproc for zsh. It knows nothing of commands: persistproc says what a word may
# become. A wrapped program is left to its own completion.

_persistproc() {
  local self=${(Q)words[1]} also line value ret=1 from
  self=${~self}
  (( $+commands[$self] )) || [[ -x $self ]] || self=persistproc
  local -a answer described
  answer=("${(@f)$($self __complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  also=$answer[1]
  for line in "${(@)answer[2,-1]}"; do
    value=${line%%$'\t'*}
    # A colon ends what is inserted.
    described+=("${${value//\\/\\\\}//:/\\:}:${line#*$'\t'}")
  done
  (( $#described )) && _describe -V persistproc described && ret=0
  case $also in
    directories | files)
      [[ $PREFIX == --*=* ]] && compset -P 1 '*='
      if [[ $also == files ]]; then _files && ret=0; else _files -/ && ret=0; fi
      ;;
    program\ *)
      from=$(( ${also#program } + 1 ))
      shift $from words
      (( CURRENT -= from ))
      # Only zsh itself can run its builtins, functions, aliases and reserved words.
      if (( CURRENT == 1 )); then _command_names -e && ret=0; else _normal && ret=0; fi
      ;;
  esac
  return ret
}

if [[ $funcstack[1] == _persistproc ]]; then
  _persistproc "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _persistproc persistproc
fi
