# bash completion of cugamma and cugamma-maestro: commands and options are those that --help prints.

_cugamma_options() {
  "$@" --help 2> /dev/null | grep -oE -- '(^|[ ,])--?[A-Za-z][A-Za-z0-9_-]*' | tr -d ' ,'
}

_cugamma_values() {
  case $1 in
    --backend | --backends) echo "auto reference cpu cuda" ;;
    --algorithm | --algorithms) echo "gamma gamma-plain random ga pso de cmaes es nsga2 portfolio" ;;
    --format) echo "table json csv" ;;
    --objective | --pareto | --fitness1 | --fitness2)
      echo "latency energy power EDP area LAP LALP EAP throughput l1_size l2_size L-PE L-PE-L2 PE" \
        "maestro-energy maestro-EDP budget-area"
      ;;
    --cost-model) "$2" models 2> /dev/null | sed -nE 's/^([^ ]+) .*/\1/p' ;;
    --accelerator | --hw) "$2" accelerators 2> /dev/null | sed -nE 's/^([^ ]+) .*/\1/p' ;;
    --constraint | --style)
      [[ $1 != --style ]] || echo "all C-P X-P YX-P YR-P KC-P"
      "$2" search --model vgg16 --constraint ? 2>&1 | sed -n 's/.* one of: //p' | tr -d ,
      ;;
    --selection) echo "truncation tournament" ;;
    --believe) echo "strict plausible maestro" ;;
    --model) "$2" search --model ? 2>&1 | sed -n 's/.* one of: //p' | tr -d , ;;
    --layer) _cugamma_layers "$2" ;;
  esac
}

# The layers of the network that the line names.
_cugamma_layers() {
  local at
  for ((at = 1; at < COMP_CWORD; ++at)); do
    [[ ${COMP_WORDS[at]} == --model ]] || continue
    [[ ${COMP_WORDS[at + 1]} != "=" ]] || ((++at))
    "$1" evaluate --style dla --model "${COMP_WORDS[at + 1]}" --format csv 2> /dev/null | sed '1d; s/,.*//'
  done
  echo all
}

_cugamma() {
  local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} before=
  ((COMP_CWORD > 0)) && before=${COMP_WORDS[COMP_CWORD - 1]}
  # "--option=value" comes as three words.
  if [[ $current == "=" ]]; then
    current=
  elif [[ $before == "=" ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  local words=
  if [[ $program != *maestro && $COMP_CWORD -eq 1 ]]; then
    words="$("$program" --help 2> /dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p') --help --version"
  elif [[ $current == -* ]]; then
    if [[ $program == *maestro ]]; then
      words=$(_cugamma_options "$program")
    else
      words=$(_cugamma_options "$program" "${COMP_WORDS[1]}")
      # Those that take the options of a search as well.
      case ${COMP_WORDS[1]} in
        certify | compare | flexibility | sweep) words+=" $(_cugamma_options "$program" search)" ;;
      esac
    fi
  else
    words=$(_cugamma_values "$before" "$program")
    # The last one of a list.
    if [[ -n $words && $current == *,* ]]; then
      local word list=
      for word in $words; do list+=" ${current%,*},$word"; done
      words=$list
    fi
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ ${#COMPREPLY[@]} -eq 0 && $current != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}

complete -o filenames -F _cugamma cugamma cugamma-maestro
