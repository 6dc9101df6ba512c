"""The trusted side: control of the host, sessions, proxies and the import hook."""
