git update-ref 'refs/heads/x;echo${IFS}@TOKEN@>@PROOF@' HEAD
