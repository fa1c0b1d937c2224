# sops seals, we edit, sops edits, we open: each format with each of the six selectors.
. "${0%/*}/sops.sh"

# What is edited: first, second and third stand for values that the selectors tell apart.
document() { # FORMAT
	case $1 in
	yaml) printf '# mark\none_x: first\ntwo: second\nthree:\n    sub_x: third\n    number: 5\nlast: [true, null, ""]\n' ;;
	json) printf '{"one_x": "first", "two": "second", "three": {"sub_x": "third", "number": 5}, "last": [true, null, ""]}\n' ;;
	env) printf '# mark\none_x=first\ntwo=second\n# other\nsub_x=third\nempty=\n' ;;
	ini) printf '; mark\n[one_x]\nk = first\n\n[two]\n; other\nk = second\nsub_x = third\n' ;;
	bin) printf 'first\nsecond\0third\n' ;;
	esac
}
changed() { sed 's/first/by us/; s/second/by sops/; s/third/by both/'; }
# The lines whose values are sealed, without what changes in them: no value may become readable, or sealed.
sealed_lines() { values "$1" | sed -n 's/ENC\[.*\]/ENC/p' | grep -v 'sops_\|"mac"' || : none; }
values() { sed -e '/^"*\(sops:\|\[sops\]\)/,$d' -e '/^\t"sops": {/,$d' "$1"; }

by_rule() { sops encrypt --filename-override "$1" /dev/stdin; }
three_ways() { # FORMAT: by the rule
	local file=f.$1
	document "$1" >plain."$1"
	by_rule "$file" <plain."$1" >"$file"
	sealed_lines "$file" >before
	check "we edit" env EDITOR='sed -i -e "s/first/by us/;s/third/by one/"' "$BOOTSEAL" edit "$file"
	check "sops edits" env EDITOR='sed -i -e "s/second/by sops/;s/by one/by both/"' sops edit "$file"
	sealed_lines "$file" >after
	expect_same before after
	sops decrypt "$file" >theirs.out 2>err
	check "no warning of sops" test ! -s err
	"$BOOTSEAL" decrypt "$file" >ours.out
	changed <plain."$1" | by_rule "$file" >expected.enc
	sops decrypt --input-type "$type" --output-type "$type" expected.enc >expected 2>err
	expect_same expected theirs.out
	expect_same expected ours.out
}

for format in yaml json env ini; do
	type=$format
	[ $format != env ] || type=dotenv
	for selector in 'unencrypted_suffix: _x' 'encrypted_suffix: _x' 'encrypted_regex: ^(one_x|sub_x)$' \
		'unencrypted_regex: ^(two|sub_x)$' 'encrypted_comment_regex: mark' 'unencrypted_comment_regex: mark'; do
		for mac_only in false true; do
			about "$format, $selector, mac_only_encrypted: $mac_only"
			printf 'creation_rules:\n- age: %s\n  %s\n  mac_only_encrypted: %s\n' \
				"$recipient" "$selector" $mac_only >.sops.yaml
			three_ways $format
		done
	done
done
about binary
type=binary
printf 'creation_rules:\n- age: %s\n' "$recipient" >.sops.yaml
three_ways bin
