tree=$(printf '100644 blob %s\tf\n' "$(echo x | git hash-object -w --stdin)" | git mktree)
for level in 1 2 3 4; do
    for name in 1 2 3 4 5 6 7; do printf '040000 tree %s\t%s\n' "$tree" "$name"; done > ../tree
    tree=$(git mktree < ../tree)
done
git update-ref refs/heads/main "$(git commit-tree "$tree" -p HEAD -m "work")"
