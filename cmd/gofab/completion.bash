# bash completion of gofab, which needs nothing else:
#   source <(gofab completion bash)

__gofab_complete() { # $1 is the command, $2 what readline takes for the word
  local line=${COMP_LINE:0:COMP_POINT} words cur head answer directive candidate
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  words=("${words[@]//[\"\']/}")
  cur=${words[${#words[@]} - 1]}
  head=${cur%"$2"} # readline keeps it: a word ends at @, = and :
  answer=$("$1" __completeNoDesc "${words[@]:1}" 2>/dev/null) || return
  directive=${answer##*:}
  answer=${answer%:*}
  if ((directive & 8)); then # files with these endings, and folders
    __gofab_files "${answer//$'\n'/ }" "$2"
    return
  fi
  while IFS= read -r candidate; do
    [[ -n $candidate && $candidate == "$cur"* ]] && COMPREPLY+=("${candidate#"$head"}")
  done <<<"$answer"
  ((directive & 2)) && compopt -o nospace
  ((directive & 4 || ${#COMPREPLY[@]})) || compopt -o default
}

__gofab_files() { # $1 are the endings, $2 is the word
  local ending
  compopt -o filenames
  mapfile -t COMPREPLY < <(compgen -d -- "$2"; for ending in $1; do compgen -f -X "!*.$ending" -- "$2"; done)
}

complete -F __gofab_complete gofab
