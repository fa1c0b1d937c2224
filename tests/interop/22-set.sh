# set and unset beside the real sops: the same data behind each, in files of different forms.
. "${0%/*}/../cli/lib.sh"
need sops

vectors=$ROOT/tests/vectors
recipient=$(sed -n 's/^# public key: //p' "$vectors/sops/keys/age1.txt")
export SOPS_DISABLE_VERSION_CHECK=1 SOPS_AGE_KEY_FILE=$vectors/sops/keys/age1.txt

# no comments in lists: sops counts them as elements (trap T23)
cat >a.yaml <<'END'
# head
db:
  # about password
  password: "hunter2"  # inline
  port: 5432
list: [a, b, {x: 1}]
seq:
  - one
  - two
  - k: v
    # about l
    l: w
  - - n1
    - n2
  -
    z: 1
only:
  nested: 1
olist:
- single
deep:
  a:
    b:
      - c: 1
multi: |
  one
  two
open_unencrypted:
  x: 1
last: end
END
cat >a.json <<'END'
{
  "db": {"password": "hunter2", "port": 5432},
  "list": ["a", "b", {"x": 1}],
  "only": {"nested": 1},
  "olist": [
    "single"
  ],
  "deep": {
    "a": 1,
    "b": [1.5, true, null]
  },
  "open_unencrypted": {"x": 1},
  "last": "end"
}
END
printf 'A=1\nB=two words\n# c\nC=\n' >a.env
printf '[one]\na = 1\nb = 2\n\n[two]\nc = 3\n' >a.ini

# Both do the same to the same file; sops reads what came of it.
both() { # TYPE OURS... -- THEIRS...: words after ours.TYPE and theirs.TYPE
	local type=$1 name="$1: $2 $4 $5 $(cat value 2>/dev/null)" ours=0 theirs=0
	shift
	local mine=() yours=()
	while [ "$1" != -- ]; do mine+=("$1"); shift; done
	shift
	yours=("$@")
	cp "sealed.$type" "ours.$type"
	cp "sealed.$type" "theirs.$type"
	"$BOOTSEAL" "${mine[@]}" 2>err.ours || ours=1
	sops "${yours[@]}" 2>err.theirs || theirs=1
	if [ $ours != $theirs ]; then
		fail "$name" "ours: $ours, theirs: $theirs; $(head -n 1 err.ours) $(head -n 1 err.theirs)"
		return
	fi
	sops decrypt --output-type json "ours.$type" >ours.out 2>err || {
		fail "$name" "sops cannot open ours: $(cat err)"
		return
	}
	# where we find in theirs what sops finds in ours, sops need not be asked once more: it takes longest
	[ ! -s err ] && "$BOOTSEAL" decrypt --output-type json "theirs.$type" >theirs.out 2>/dev/null && cmp -s ours.out theirs.out ||
		sops decrypt --output-type json "theirs.$type" >theirs.out 2>/dev/null
	if [ -s err ]; then
		fail "$name" "a warning: $(cat err)"
	elif cmp -s ours.out theirs.out && "$BOOTSEAL" decrypt "ours.$type" >/dev/null; then
		ok
	else
		fail "$name" "$(diff ours.out theirs.out | head -n 6)"
	fi
}

for type in yaml json env ini; do
	if ! "$BOOTSEAL" encrypt --age "$recipient" a.$type >sealed.$type 2>err; then
		skip_one "$type" "$(cat err)"
		continue
	fi
	case $type in
	yaml | json)
		values=('"text"' 5 1.5 true null '""' '{}' '{"l": []}' '{"a": 1}' '{"a": {"b": [1, "x", null]}, "c_unencrypted": "open"}')
		places=('["db"]' '["db"]["password"]' '["list"][1]' '["list"][2]["x"]' '["seq"][0]' '["seq"][2]["k"]'
			'["only"]["nested"]' '["olist"][0]' '["new"]' '["new"]["deep"]' '["db"]["new"]' '["list"][9]'
			'["new"][0]["x"]' '["multi"]' '["open_unencrypted"]["x"]' '["last"]'
			# through single values, which give way
			'["last"]["a"]' '["last"][2]["a"]["b"]' '["db"]["port"]["x_unencrypted"]' '["multi"]["x"]'
			'["list"][0]["k"]' '["seq"][1]["k"]' '["seq"][3][0][1]' '["open_unencrypted"]["x"]["y"]')
		;;
	env) values=('"text"' '""' '"a b"') places=('["A"]' '["B"]' '["NEW"]') ;;
	ini) values=('"text"' '""') places=('["one"]["a"]' '["two"]["new"]' '["three"]["x"]') ;;
	esac
	for place in "${places[@]}"; do
		for value in "${values[@]}"; do
			printf '%s' "$value" >value
			both $type set --value-file ours.$type "$place" value -- set --value-file theirs.$type "$place" value
		done
	done
	for place in "${places[@]}" '["db"]["port"]' '["list"]' '["list"][0]' '["list"][2]' '["seq"]' '["seq"][1]' \
		'["seq"][2]' '["seq"][2]["l"]' '["seq"][3]' '["seq"][3][0]' '["seq"][3][1]' '["seq"][4]' '["seq"][4]["z"]' \
		'["only"]' '["olist"]' '["deep"]["a"]["b"][0]["c"]' '["deep"]["a"]["b"][0]' '["deep"]["b"][0]' \
		'["deep"]["b"][2]' '["none"]' '["db"]["none"]' '["list"][7]' '["B"]' '["C"]' '["one"]["b"]' '["two"]["c"]' '["one"]'; do
		both $type unset ours.$type "$place" -- unset theirs.$type "$place"
	done
done

# one type differs on purpose: 5 stays an integer, which sops makes a float (trap T41)
cp sealed.yaml ours.yaml
echo 5 | "$BOOTSEAL" set --value-stdin ours.yaml '["count"]'
check "5 is an integer" grep -q '^count: ENC.*type:int.$' ours.yaml

# three ways: ours, theirs, ours again
cp sealed.yaml three.yaml
printf '{"t": "k", "n": [1]}' | "$BOOTSEAL" set --value-stdin three.yaml '["one"]'
sops set three.yaml '["two"]' '{"a": "b"}' 2>/dev/null
"$BOOTSEAL" unset three.yaml '["one"]["n"]'
expect_output "k b" sh -c 'echo "$("$BOOTSEAL" get three.yaml "[\"one\"][\"t\"]") $("$BOOTSEAL" get three.yaml "[\"two\"][\"a\"]")"'

# a readable comment that comes to stand where comments are sealed is sealed; sops finds nothing to warn of
printf 'x:\n  st:\n    s: v\n    # c2\na: 1\n' >moved.yaml
"$BOOTSEAL" encrypt -i --age "$recipient" --unencrypted-regex '^s' moved.yaml
check "readable" grep -q '^    # c2$' moved.yaml
printf '{"k": "w", "s": 1}' | "$BOOTSEAL" set --value-stdin moved.yaml '["x"]'
check "sealed" grep -q '^    #ENC\[' moved.yaml
expect_output $'x:\n    k: w\n    s: 1\n    # c2\na: 1' sops decrypt moved.yaml
check "no warning of sops" test ! -s .err
expect_output $'x:\n  k: w\n  s: 1\n    # c2\na: 1' "$BOOTSEAL" decrypt moved.yaml

# a comment behind the last item goes with it
printf 'c_unencrypted:\n  - a\n  - 5 # about five\nd:\n  k: v # k\ne: 1\n' >gone.yaml
"$BOOTSEAL" encrypt -i --age "$recipient" gone.yaml
printf x | "$BOOTSEAL" set gone.yaml '["c_unencrypted"]'
printf '{"n": [1]}' | "$BOOTSEAL" set --value-stdin gone.yaml '["d"]'
expect_output $'c_unencrypted: x\nd:\n  "n":\n    - 1\ne: 1' "$BOOTSEAL" decrypt gone.yaml
expect_output $'c_unencrypted: x\nd:\n    "n":\n        - 1\ne: 1' sops decrypt gone.yaml
check "no warning of sops" test ! -s .err
# a list's comment that comes to where others are sealed
printf 'a_unencrypted: [] # note\n' >note.yaml
"$BOOTSEAL" encrypt -i --age "$recipient" note.yaml
echo 5 | "$BOOTSEAL" set --value-stdin note.yaml '["a_unencrypted"]'
check "sops opens it" sops decrypt note.yaml
expect_output "# note" sh -c 'sops decrypt note.yaml 2>&1 | head -n 1'
