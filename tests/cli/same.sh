#!/usr/bin/env bash
# The same file gives the same bytes: in any locale, time zone and directory, through any path, however often.
. "$(dirname "$0")/lib.sh"
documents=$(realpath "$(dirname "$0")/../../rules/documents")

mkdir -p deep/er
for document in "$documents"/*.net; do
    for target in iptables ip6tables nft; do
        expect_status 0 "$natc" -t "$target" "$document"
        cp "$output/stdout" wanted
        ! grep -qF -e "$documents" wanted || fail "a path of the machine stands in it"
        same() {
            expect_status 0 "$@" -t "$target" "$document"
            cmp -s wanted "$output/stdout" || fail "other bytes"
        }
        same "$natc"
        same env LC_ALL=C.UTF-8 "$natc"
        same env LC_ALL=tr_TR.UTF-8 LANG=tr_TR.UTF-8 "$natc"
        same env TZ=Pacific/Kiritimati "$natc"
        same env -i "$natc"
        same env -C deep/er "$natc"
        same env -C / "$natc"
        cp "$document" deep/copy.net
        document=deep/copy.net same "$natc"
    done
done

# Diagnostics as well: an unknown name, whose nearest ones come out of a table without order.
echo 'input { accept sssh; accept tcp $admin; accept from nobody }' >bad.net
expect_status 1 "$natc" bad.net
cp "$output/stderr" wanted
for variables in LC_ALL=C LC_ALL=tr_TR.UTF-8 TZ=Asia/Kathmandu; do
    expect_status 1 env "$variables" "$natc" bad.net
    cmp -s wanted "$output/stderr" || fail "other words"
done
