# Called as age, age-keygen, age-inspect and ssh-to-age: what the real ones say of a command line, and end with.
. "${0%/*}/../cli/lib.sh"

mkdir called
for name in age age-keygen age-inspect ssh-to-age; do ln -s "$BOOTSEAL" called/$name; done
echo AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX >key
chmod 600 key
recipient=age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj
echo "the plain text" >plain
"$BOOTSEAL" age -r $recipient -o sealed plain
cp "$ROOT"/tests/vectors/ssh-to-age/id_ed25519.pub .

# PROGRAM ARGUMENT...: the same status, and the same first line of complaint; for a word on the line's hint, too
said() { sed -n "1{s|^[^ ]*/ssh-to-age: |ssh-to-age: |;p}" "$1"; }
alike() {
	local real mine=0 theirs=0
	if ! real=$(command -v "$1"); then
		skip_one "$*" "$1 is not installed"
		return
	fi
	"$real" "${@:2}" </dev/null >theirs.out 2>theirs.err || theirs=$?
	"called/$1" "${@:2}" </dev/null >mine.out 2>mine.err || mine=$?
	if [ $mine -ne $theirs ]; then
		fail "$*" "status $mine, not $theirs: $(said mine.err)"
	elif [ "$(said mine.err)" != "$(said theirs.err)" ]; then
		fail "$*" "\"$(said mine.err)\", not \"$(said theirs.err)\""
	elif [ "$(grep -c ': hint: ' mine.err)" != "$(grep -c ': hint: ' theirs.err)" ]; then
		fail "$*" "not the same hints: $(cat mine.err)"
	else
		ok "$*"
	fi
}

for arguments in "a b" "-d a b" "-r $recipient plain extra" "-x" "--bogus" "-d -x" "-bogus=1" "-r" "-o" "-d -i" "--recipient" \
	"-d=maybe" "-e" "-a" "-e -d sealed" "-a -d sealed" "-d -p sealed" "-d -r $recipient sealed" "-d -R key sealed" \
	"-i key plain" "-j x plain" "-p -i key plain" "-p -e -i key plain" "-p -r $recipient plain" "-p -R key plain" \
	"-e -p -d sealed" "-d -armor -i key sealed"; do
	# shellcheck disable=SC2086 # words
	alike age $arguments
done
for arguments in "a b" "-y a b" "-y -pq key" "-x" "-o" "-y=2"; do alike age-keygen $arguments; done
for arguments in "-x" "--json=x"; do alike age-inspect $arguments; done
for arguments in "-x" "-i" "-private-key=maybe -i id_ed25519.pub"; do alike ssh-to-age $arguments; done

# the version: that of the age beside us has its form, and is no older
for tool in age age-keygen age-inspect; do
	! command -v $tool >/dev/null || check "$tool --version" sh -c 'called/$1 --version | grep -qxE "v[0-9]+\.[0-9]+\.[0-9]+"' - $tool
done

# the last of several counts, as in Go; the statuses of what else goes wrong
status_of() { local status=0; "$@" </dev/null >/dev/null 2>&1 || status=$?; echo $status; }
for line in "age -d -d -i key -o nowhere/x -o opened sealed" "age" "age -h" "age --version x" "age -d -i key -i plain sealed" \
	"age -d -i nowhere sealed" "age -d -i key nowhere" "age -d sealed" "age -r abc plain" "age -R nowhere plain" \
	"age -r $recipient -o plain plain" "age -d -i key -o nowhere/x sealed" "age -d -i key plain" "age -d -j nowhere sealed" \
	"age-keygen a" "age-keygen -o key" "age-keygen -y nowhere" "age-keygen -y plain" "age-keygen -h" "age-inspect a b" "age-inspect nowhere" \
	"age-inspect plain" "age-inspect -h" "ssh-to-age -i id_ed25519.pub more" "ssh-to-age -i nowhere" "ssh-to-age -i plain" "ssh-to-age -h"; do
	if command -v "${line%% *}" >/dev/null; then
		# shellcheck disable=SC2086 # words
		check "the status of $line" test "$(status_of called/$line)" = "$(status_of $line)"
	else
		skip_one "$line" "${line%% *} is not installed"
	fi
done
# what it does not look at is said, once
called/ssh-to-age -i id_ed25519.pub more >out 2>err
expect_output 'ssh-to-age: "more" is not used: a file is named with -i' cat err
# how it is used is told with the name that it was called by
called/age-keygen -x 2>err || : a bad option
check "its own name" grep -q '^usage: age-keygen ' err
