#!/bin/sh
# build.sh VERSION TREE OUTPUT: makes a Debian package of what "make install DESTDIR=TREE PREFIX=/usr" put into TREE
# (and changes TREE). Called by "make deb".
set -eu
version=$1 tree=$(realpath "$2") output=$3
here=$(cd "$(dirname "$0")" && pwd)
for program in dpkg-deb dpkg-shlibdeps strip; do
	command -v $program >/dev/null || { echo "make deb: no $program here: apt-get install dpkg-dev binutils" >&2; exit 1; }
done
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
documents=$tree/usr/share/doc/bootseal
mkdir -p "$documents" "$tree/DEBIAN" "$work/debian"
strip --remove-section=.comment --remove-section=.note "$tree/usr/bin/bootseal"
if [ -d "$tree/usr/share/zsh/site-functions" ]; then # where Debian has them
	mv "$tree/usr/share/zsh/site-functions" "$tree/usr/share/zsh/vendor-completions"
fi
gzip -9nf "$tree"/usr/share/man/man*/*.[1-8]
{
	echo 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
	echo
	echo 'Files: *'
	sed -n 's/^Copyright (c)/Copyright:/p' "$here/../../LICENSE"
	echo 'License: Expat'
	sed -e '1,/^Copyright/d' -e '/./!d' -e 's/^/ /' "$here/../../LICENSE"
} >"$documents/copyright"
date=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" '+%a, %d %b %Y %H:%M:%S +0000')
maintainer=${DEB_MAINTAINER:-bootseal contributors <root@localhost>}
printf 'bootseal (%s) unstable; urgency=medium\n\n  * See the commits of that version.\n\n -- %s  %s\n' \
	"$version" "$maintainer" "$date" | gzip -9n >"$documents/changelog.Debian.gz"
cp "$here/../../README.md" "$here/../../SECURITY.md" "$documents/"

echo 'Source: bootseal' >"$work/debian/control" # which dpkg-shlibdeps insists on
depends=$(cd "$work" && dpkg-shlibdeps -O "$tree/usr/bin/bootseal" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "make deb: dpkg-shlibdeps does not say which libraries are needed" >&2; exit 1; }
size=$(du -k -s --exclude=DEBIAN "$tree" | cut -f1)
sed -e "s|@version@|$version|" -e "s|@architecture@|$(dpkg --print-architecture)|" -e "s|@size@|$size|" \
	-e "s|@depends@|$depends|" -e "s|@maintainer@|$maintainer|" "$here/control.in" >"$tree/DEBIAN/control"
for script in postinst prerm postrm; do install -m 755 "$here/$script" "$tree/DEBIAN/$script"; done
(cd "$tree" && find usr -type f -exec md5sum {} + | sort -k2 >DEBIAN/md5sums)
dpkg-deb --build --root-owner-group "$tree" "$output" >/dev/null
echo "$output"
