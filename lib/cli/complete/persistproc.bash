# Completion of persistproc for bash 4.2 or later. It knows nothing of commands: persistproc says what
# a word may become, already quoted as bash inserts it. A wrapped program is left to its own completion.

_persistproc() {
  local self=${COMP_WORDS[0]/#\~/$HOME} also= line
  type -P -- "$self" >/dev/null || self=persistproc
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $also ]]; then also=$line; else COMPREPLY+=("$line"); fi
  done < <("$self" __complete bash "$COMP_WORDBREAKS" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  case $also in
    directories) compopt -o dirnames ;;
    files) compopt -o default ;;
    "program "*) _persistproc_program "${also#program }" ;;
  esac
}

# Completes from the word of this index on, as if nothing stood before it.
_persistproc_program() {
  local own=("${COMPREPLY[@]}")
  if ((COMP_CWORD == $1)); then
    _persistproc_executables "${COMP_WORDS[COMP_CWORD]}"
  elif declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  else
    _persistproc_offset "$1"
  fi
  COMPREPLY=("${own[@]}" "${COMPREPLY[@]}")
}

# The programs that begin so. Bash alone can run its keywords, builtins, functions and aliases.
_persistproc_executables() {
  local name
  COMPREPLY=()
  if [[ $1 == */* ]]; then compopt -o default; else compopt -o dirnames; fi
  while IFS= read -r name; do
    # Of a path, the directories on the way are wanted too.
    [[ $name != */* ]] && ! type -P -- "$name" >/dev/null || COMPREPLY+=("$name")
  done < <(compgen -c -- "$1" | sort -u)
}

# The same without the package bash-completion: by what is registered for the program.
_persistproc_offset() {
  local before=$COMP_LINE registered i
  for ((i = 0; i < $1; i++)); do
    COMP_LINE=${COMP_LINE#*"${COMP_WORDS[i]}"}
  done
  COMP_LINE=${COMP_LINE#"${COMP_LINE%%[![:space:]]*}"}
  ((COMP_POINT -= ${#before} - ${#COMP_LINE}, COMP_CWORD -= $1))
  COMP_WORDS=("${COMP_WORDS[@]:$1}")
  COMPREPLY=()
  local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
  registered=$(complete -p -- "${program##*/}" 2>/dev/null)
  if [[ $registered =~ \ -F\ ([^ ]+)\  ]]; then
    "${BASH_REMATCH[1]}" "$program" "$word" "${COMP_WORDS[COMP_CWORD - 1]}"
  else
    compopt -o default
  fi
}

complete -F _persistproc persistproc
