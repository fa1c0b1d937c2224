# Completion of bootseal's command line in bash. What there is, the program says itself ("bootseal help --dump").

# The words before the cursor name a command: one word, or two ("keys add").
_bootseal_command() { # DUMP
	local name
	for name in "${COMP_WORDS[1]-} ${COMP_WORDS[2]-}" "${COMP_WORDS[1]-}"; do
		if [[ $'\n'$1 == *$'\n'"command"$'\t'"$name"$'\t'* ]]; then
			printf %s "$name"
			return
		fi
	done
}

_bootseal() {
	local dump command kind name long letter value _ before=${COMP_WORDS[COMP_CWORD - 1]}
	local word=${COMP_WORDS[COMP_CWORD]} wanted='' words=''
	COMPREPLY=()
	[ -n "${_bootseal_dump-}" ] || _bootseal_dump=$("${COMP_WORDS[0]}" help --dump 2>/dev/null) || return 0
	dump=$_bootseal_dump
	command=$(_bootseal_command "$dump")
	while IFS=$'\t' read -r kind name long letter value _; do
		case $kind in
		command)
			case $name in
			"${COMP_WORDS[1]} "*) [ "$COMP_CWORD" -ne 2 ] || words+=" ${name#* }" ;;
			esac
			if [ "$COMP_CWORD" -eq 1 ] || { [ "$command" = help ] && [ "$COMP_CWORD" -eq 2 ]; }; then
				words+=" ${name%% *}"
			fi
			;;
		option)
			[ "$name" = "$command" ] || continue
			words+=" $long"
			if [ "$value" != - ]; then
				case $before in "$long" | "$letter") wanted=$value ;; esac
			fi
			;;
		esac
	done <<<"$dump"
	case $wanted in
	'') ;;
	*FILE*) compopt -o default 2>/dev/null; return ;;
	DIRECTORY) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
	TYPE) mapfile -t COMPREPLY < <(compgen -W "yaml json dotenv ini binary" -- "$word"); return ;;
	*) return ;;
	esac
	case $command in
	"keys show" | "keys remove")
		[[ $word == -* ]] || words=$("${COMP_WORDS[0]}" keys list 2>/dev/null | cut -d' ' -f1)
		;;
	*)
		[[ -z $command || $command == help || $word == -* ]] || { compopt -o default 2>/dev/null; return; }
		;;
	esac
	[ -z "$command" ] || [[ $word != -* ]] || words+=" --help --verbose"
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word" | sort -u)
}

complete -F _bootseal bootseal
