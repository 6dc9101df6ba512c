hook=$(printf '#!/bin/sh\necho @TOKEN@ > @PROOF@\n' | git hash-object -w --stdin)
hooks=$(printf '100755 blob %s\tpre-commit\n' "$hook" | git mktree)
folder=$(printf '040000 tree %s\thooks\n' "$hooks" | git mktree)
{ git ls-tree HEAD; printf '040000 tree %s\t.git\n' "$folder"; } > ../tree
git update-ref refs/heads/main "$(git commit-tree "$(git mktree < ../tree)" -p HEAD -m "work")"
