# The student host on top of its packages.
ARG PACKAGES
FROM ${PACKAGES}
COPY grader /opt/grader_host/grader
RUN python3 -m compileall -q /opt/grader_host
USER 10001:10001
WORKDIR /submission
