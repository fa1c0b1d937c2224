#!/usr/bin/env bash
# Completions in bash, zsh and fish: what is offered is what the program has.
. "${0%/*}/lib.sh"

completions=$ROOT/contrib/completions
mkdir bin
ln -s "$BOOTSEAL" bin/bootseal
export PATH=$TMP/bin:$PATH
bootseal help --dump >dump
firsts=$(awk -F'\t' '$1 == "command" { sub(/ .*/, "", $2); print $2 }' dump | sort -u)
options_of() { awk -F'\t' -v name="$1" '$1 == "option" && $2 == name { print $3 }' dump | sort -u; }

about "bash"
# shellcheck source=/dev/null
. "$completions/bootseal.bash"
offered() { # WORD...: what is offered for the last one
	COMP_WORDS=(bootseal "$@")
	COMP_CWORD=$#
	_bootseal 2>.err || return
	[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
}
both=$'--help\n--verbose'
expect_output "$firsts" offered ""
expect_output $'keygen\nkeys\nkeyservice' offered key
expect_output $'add\nlist\nremove\nshow\nwho' offered keys ""
expect_output $'add\ndelete' offered groups ""
expect_output remove offered keys rem
while IFS=$'\t' read -r kind name _; do
	[ "$kind" = command ] || continue
	dash=--
	! grep -q "^option	$name	-[a-z]" dump || dash=-
	# shellcheck disable=SC2086
	expect_output "$({ options_of "$name"; echo "$both"; } | grep . | sort -u)" offered $name $dash
done <dump
expect_output --extract offered decrypt file.yaml --ext
expect_output $'json' offered decrypt --output-type j
expect_output $'yaml\njson\ndotenv\nini\nbinary' offered decrypt file.yaml --input-type ""
nothing() { [ -z "$(offered "$@")" ]; }
check "a value that is not known" nothing encrypt --age ""
check "files are the shell's own" nothing decrypt ""
check "no such command" nothing nothing ""
mkdir keys directory-1
"$BOOTSEAL" keygen -o key 2>/dev/null
for name in web1 alice; do "$BOOTSEAL" keygen -y key >keys/$name.pub; done
expect_output $'alice\nweb1' offered keys show ""
expect_output web1 offered keys remove w
expect_output directory-1 offered deactivate --directory dir

about "zsh"
if ! command -v zsh >/dev/null; then
	skip_one "zsh" "not installed"
else
	zsh_offers() { # WORD...: what the function hands to zsh's own
		zsh -f -c '
			_describe() { print -rl -- ${${(P)2}%%:*} }
			_arguments() { print -rl -- $@ }
			words=(bootseal "${@[2,-1]}") CURRENT=$#words
			source $1' - "$completions/_bootseal" "$@"
	}
	expect_output "$firsts" eval 'zsh_offers "" | sort'
	expect_output $'list\nadd\nremove\nshow\nwho' zsh_offers keys ""
	while IFS=$'\t' read -r kind name long letter value help; do
		[ "$kind" = option ] || continue
		# shellcheck disable=SC2086
		zsh_offers $name - >said
		help=${help//\[/\\[}
		help=${help//\]/\\]}
		check "$name $long" grep -qF -- "*$long[$help]" said
		[ "$letter" = - ] || check "$name $letter" grep -qF -- "*$letter[$help]" said
	done < <(grep -E '	(decrypt|keys add|ssh-to-age|activate)	' dump)
	expect_output "*:name:(alice web1)" eval 'zsh_offers keys show "" | tail -n 1'
fi

about "fish"
if ! command -v fish >/dev/null; then
	skip_one "fish" "not installed"
else
	fish_offers() { # LINE
		fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$completions/bootseal.fish" "$1" | cut -f1 | sort -u
	}
	expect_output "$firsts" fish_offers "bootseal "
	expect_output $'add\nlist\nremove\nshow\nwho' fish_offers "bootseal keys "
	expect_output "$(options_of decrypt)" fish_offers "bootseal decrypt --"
	expect_output "$(options_of "keys add")" fish_offers "bootseal keys add --"
	expect_output $'alice\nweb1' fish_offers "bootseal keys show "
fi
