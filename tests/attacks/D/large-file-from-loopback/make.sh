printf '[lfs]\n\turl = http://@LISTENER@/lfs\n' > .lfsconfig
echo '*.pt filter=lfs -text' > .gitattributes
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 9\n' 0 > weights.pt
git add .lfsconfig .gitattributes
git -c filter.lfs.clean=cat -c filter.lfs.smudge=cat add weights.pt
git commit -qm "with weights"
