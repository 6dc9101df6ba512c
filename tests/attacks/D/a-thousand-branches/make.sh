seq 1200 | sed "s|.*|create refs/heads/b&/x $(git rev-parse HEAD)|" | git update-ref --stdin
