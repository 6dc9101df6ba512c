"""Jobs: from a run that waits to a result that stands, whatever dies on the way.

Theory of operation. A grading run is a row of ours; its *job* is a workflow of DBOS, a durable execution
library that keeps its tables in the same database. `queue.JobQueue` writes both in one transaction,
so there is never one without the other. One job is one try: it is named after the run and the try, and
only the job of the run's current try may take the run.

A worker (`worker.run_worker`) has slots. `dispatcher` lets one idle slot at a time ask the queues for
work, `interactive` before `regrade`; `execution` carries a job out: *claim* the run (its fence goes up),
grade it, and *publish* the result in one transaction that holds only if the fence is still ours. So any
number of workers may believe that a run is theirs: one result is published, by the one that claimed last.

Failures of our own (`failures`) queue the next try after a pause, a bounded number of times; then the run
is a problem for staff, and the attempt is given back. A student's failure is a result like any other.

Workers beat (`liveness`). One whose heart stands still takes no more runs, and is marked as stopped by the
others, who put its runs and jobs back into the queues; a worker that finds itself marked ends at once. A run
that is not its worker's any more is stopped within a second. `reconciliation` looks for runs without a
living job, whatever has become of it, and counts that as a failure of ours. `retention` forgets what nobody
needs any more. All of these may run in any worker, in several at once, and be cut off anywhere: each looks
at what is there and does what is missing.

The rules by file: `priority` (whose turn it is), `queue_position` (what students are told of it),
`progress` (what they see while it runs), `cancellation`, `regrading`.
"""
