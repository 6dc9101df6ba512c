# Grades /submission as many courses do, then prints the container's CPU account: the total of all its
# processes, in nanoseconds (control groups of version 1) or as usage_usec (version 2).
python3 -m pytest "$1" -v -p no:cacheprovider --json-report --json-report-file=/out/report.json
cat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null || grep usage_usec /sys/fs/cgroup/cpu.stat
