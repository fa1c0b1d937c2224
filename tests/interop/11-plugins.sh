# Plugins: real ones with bootseal, and ours read by the real age and sops with them.
. "${0%/*}/../cli/lib.sh"
need age sops

mkdir bin
export PATH=$TMP/bin:$PATH
printf 'hello\n' >plain
printf 'a: secret\nb: 2\n' >plain.yaml
"$BOOTSEAL" keygen -o key 2>/dev/null
native=$("$BOOTSEAL" keygen -y key)

# both programs seal and open to one plugin, in all four ways
both_ways() { # RECIPIENT IDENTITY-FILE
	for seal in "$BOOTSEAL age" age; do
		$seal -r "$1" -r "$native" -o sealed plain
		$seal -e -a -i "$2" -o own plain
		for open in "$BOOTSEAL age" age; do
			for file in sealed own; do
				rm -f opened
				check "$open of $seal, $file" $open -d -i "$2" -o opened $file
				expect_same plain opened
			done
		done
	done
	for seal in "$BOOTSEAL" sops; do
		$seal encrypt --age "$1" plain.yaml >sealed.yaml
		for open in "$BOOTSEAL" sops; do
			expect_output "$(cat plain.yaml)" env SOPS_AGE_KEY_FILE="$2" $open decrypt sealed.yaml
			expect_output "$(cat plain.yaml)" env SOPS_AGE_KEY="$(cat "$2")" $open decrypt sealed.yaml
		done
	done
}

about "the plugin of the tests"
cp "$ROOT/tests/cli/age-plugin-test" bin/ && chmod 755 bin/age-plugin-test
echo AGE-PLUGIN-TEST-1VFHK7ARNV4SKCGR5V4EHGGP3R3CK4M >test.id
both_ways age1test1vfhk7arnv4skcgr5v4ehggp3ndfl73 test.id

about "batchpass"
if type age-plugin-batchpass >/dev/null 2>&1; then
	export AGE_PASSPHRASE_WORK_FACTOR=10
	AGE_PASSPHRASE=mellon "$BOOTSEAL" age -e -j batchpass -o sealed plain
	check "age opens ours" env AGE_PASSPHRASE=mellon age -d -j batchpass -o opened sealed
	expect_same plain opened
	AGE_PASSPHRASE=mellon age -e -j batchpass -o sealed plain
	rm -f opened
	check "ours opens age's" env AGE_PASSPHRASE=mellon "$BOOTSEAL" age -d -j batchpass -o opened sealed
	expect_same plain opened
	rm -f opened
	check "with a descriptor" sh -c 'AGE_PASSPHRASE_FD=3 "$BOOTSEAL" age -d -j batchpass -o opened sealed 3<<-END
		mellon
	END'
	expect_same plain opened
	expect_error "age-plugin-batchpass: incorrect passphrase" env AGE_PASSPHRASE=friend "$BOOTSEAL" age -d -j batchpass sealed
	expect_error "age-plugin-batchpass: either AGE_PASSPHRASE or AGE_PASSPHRASE_FD must be set" "$BOOTSEAL" age -d -j batchpass sealed
	expect_error "mixed" env AGE_PASSPHRASE=mellon "$BOOTSEAL" age -e -j batchpass -r "$native" -o sealed plain
else
	skip_one "batchpass" "age-plugin-batchpass is not here"
fi

about "a plugin made with age's own package"
cp -r "$ROOT/tests/interop/age-plugin-gotest" .
if type go >/dev/null 2>&1 && (cd age-plugin-gotest && HOME=$(getent passwd "$(id -u)" | cut -d: -f6) GOFLAGS=-mod=mod go build -o "$TMP/bin/" . >"$TMP/go.log" 2>&1); then
	echo AGE-PLUGIN-GOTEST-1VFHK7ARNV4SKCGR5V4EHGGP3EG643W >go.id
	r=age1gotest1vfhk7arnv4skcgr5v4ehggp3tmcr0v
	both_ways $r go.id
	check "one label" env GOTEST_LABEL=x "$BOOTSEAL" age -r $r -r $r -o sealed plain
	expect_error "mixed" env GOTEST_LABEL=x "$BOOTSEAL" age -r $r -r "$native" -o out plain
	# what the plugin says first comes on stderr, too
	expect_status 128 env GOTEST_ASK=1 "$BOOTSEAL" age -d -i go.id sealed
	check "and why it was not asked" grep -q "there is no terminal to ask" .err
	if type expect >/dev/null 2>&1; then
		cat >ask.exp <<-'END'
			set timeout 120
			spawn -noecho {*}$argv
			expect {
				-ex {PIN: } { send -- "1234\r"; exp_continue }
				-ex {green?} { send -- "1\r"; exp_continue }
				timeout { exit 97 }
				eof { }
			}
			exit [lindex [wait] 3]
		END
		rm -f opened
		check "asks and is answered" env GOTEST_ASK=1 expect -f ask.exp -- "$BOOTSEAL" age -d -i go.id -o opened sealed
		expect_same plain opened
	else
		skip_one "asks and is answered" "expect is not here"
	fi
else
	skip_one "a plugin made with age's own package" "it could not be built with go"
fi
