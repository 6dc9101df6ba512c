blob=$(python3 "$PAYLOAD/pack.py" .git/objects/pack)
{ git ls-tree HEAD; printf '100644 blob %s\tdata.bin\n' "$blob"; } > ../tree
git update-ref refs/heads/main "$(git commit-tree "$(git mktree < ../tree)" -p HEAD -m "work")"
