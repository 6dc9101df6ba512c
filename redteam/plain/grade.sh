# Grades the hand-in $1 in the folder $2, as many courses do: tests and hand-in side by side, one process for both.
cp -r "$1"/. "$2"
cp -r /autograder/tests/. "$2"/tests
cd "$2" || exit 1
exec python3 -m pytest tests -v -rA -p no:cacheprovider --json-report --json-report-file=report.json --junitxml=report.xml
