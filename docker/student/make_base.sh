#!/bin/sh
# Make a base image without a registry: a minimal Debian with Python 3.11.
#   sh make_base.sh grader-base:bookworm          (as root; needs debootstrap and docker)
set -eu
tag=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm "$root"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* "$root"/usr/share/doc/*
tar --numeric-owner -C "$root" -c . | docker import --change 'ENV LANG=C.UTF-8' - "$tag"
