# The files that sops' own tests open, sealed with its PGP keys by versions from long ago on: where sops was built
# here, they lie in Go's cache. Each opens to what the real sops opens it to, or fails with the same status.
. "${0%/*}/sops.sh"
need gpg

version=$(sops --version | sed -n 's/^sops \([0-9.]*\).*/\1/p')
source=$(dirname "$(command -v sops)")/../pkg/mod/github.com/getsops/sops/v3@v$version
[ -d "$source/functional-tests/res" ] || skip "sops' source is not in Go's cache"

export GNUPGHOME=$TMP/gnupg
mkdir -m 700 gnupg
at_exit 'gpgconf --kill all'
gpg --quiet --batch --import "$source/pgp/sops_functional_tests_key.asc" 2>import || fail "import" "$(cat import)"
mkdir files
cp "$source"/functional-tests/res/*.enc.* "$source"/functional-tests/res/comments_unencrypted_comments.yaml \
	"$source"/functional-tests/res/multiple_keys.yaml "$source"/functional-tests/res/no_mac.yaml files/
for file in example.yaml example.json example.ini example.txt examples/all_in_one/config/secret.enc.json \
	examples/per_file/config.enc/static_github.json config/test_resources/example.yaml; do
	cp "$source/$file" "files/$(echo "$file" | tr / _)"
done
chmod u+w files/*

# the same data, however it is laid out: what sops makes of it
normal() { sops encrypt --age "$recipient" "$1" >normal."$type" && sops decrypt --output-type json normal."$type"; }
opens=0
for file in files/*; do
	type=${file##*.}
	for flag in "" --ignore-mac; do
		about "${file#files/} $flag"
		theirs=0 ours=0
		# shellcheck disable=SC2086 # no flag is no word
		sops decrypt $flag "$file" >"theirs.$type" 2>theirs.err || theirs=$?
		# shellcheck disable=SC2086
		"$BOOTSEAL" decrypt $flag "$file" >"ours.$type" 2>ours.err || ours=$?
		check "status $theirs" test $ours = $theirs
		[ $theirs -eq 0 ] || continue
		opens=$((opens + 1))
		cmp -s "ours.$type" "theirs.$type" && ok "the same bytes" ||
			expect_same <(normal "theirs.$type") <(normal "ours.$type")
	done
done
about "sops' own files"
check "most of them open" test $opens -gt 20
cp files/example.yaml changed.yaml
printf 'by us' | "$BOOTSEAL" set changed.yaml '["myapp1"]'
expect_output "by us" sh -c 'sops decrypt --extract "[\"myapp1\"]" changed.yaml; echo'
