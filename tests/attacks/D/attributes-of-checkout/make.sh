echo 'g2c/nn/loss.py working-tree-encoding=UTF-16LE' > .gitattributes
git add .gitattributes
git commit -qm "attributes"
git read-tree HEAD
