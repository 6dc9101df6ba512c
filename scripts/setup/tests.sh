# Finds what only the tests need: a browser, and PostgreSQL's programs.
. scripts/setup/common.sh

browser_found() { has chromium || has google-chrome; }
font_found() { [ -n "$(find /usr/share/fonts -name '*.ttf' -print -quit)" ]; }
postgresql_found() { has initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb'; }

# Tests start servers of their own. Debian's package would start one at once, unless told before it comes.
without_a_server() {
  local configuration=/etc/postgresql-common/createcluster.conf
  has pg_createcluster && return
  apt_install postgresql-common
  sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' "$configuration"
}

need chromium "pages and reports in a real browser" browser_found
need fonts-liberation "pages and reports in a real browser" font_found
need postgresql "the service on PostgreSQL" postgresql_found
if [[ " ${missing[*]} " = *" postgresql "* ]] && is_root && has apt-get; then without_a_server; fi
install_missing
