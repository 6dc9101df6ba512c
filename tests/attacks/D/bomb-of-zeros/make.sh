truncate -s 70M zeros.bin
git add zeros.bin
git commit -qm "with data"
rm zeros.bin
