#!/bin/sh
# SPDX-License-Identifier: MIT
# Brings the core tests of the WebAssembly specification into build/spec, for test/interpreter: Debian's source package
# of Binaryen has a copy of them, and wast2json of Debian's wabt makes modules and assertions of it. Wants root on a
# Debian with apt-get install wabt; the machine's own list of sources stays as it is.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/parts" "$work/lists/partial"
sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/debian.sources > "$work/parts/source.sources"
apt() {
  apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/parts" -o Dir::State::lists="$work/lists" \
    -o APT::Sandbox::User=root "$@"
}
apt update
(cd "$work" && apt source --download-only binaryen)
tar xzf "$work"/binaryen_*.orig.tar.gz -C "$work" --wildcards '*/test/spec/*.wast' --strip-components=3
rm -rf build/spec
mkdir -p build/spec
for script in "$work"/*.wast; do
  name=$(basename "$script" .wast)
  # What this version of wabt cannot read is about features that the board does not have.
  (cd "$work" && wast2json "$name.wast" -o "$name.json" 2> "$work/refused") || continue
  mv "$work/$name.json" "$work/$name".*.wasm build/spec/ 2> "$work/refused" || true
done
echo "$(find build/spec -name '*.json' | wc -l) scripts in build/spec"
