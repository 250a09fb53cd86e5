"""Callbacks for Apache Airflow that report a DAG run as a batch, and each of its tasks as a file.

    with DAG("empresa", on_success_callback=dag_succeeded, on_failure_callback=dag_failed,
             default_args={"on_execute_callback": task_started, "on_success_callback": task_succeeded,
                           "on_failure_callback": task_failed}):
        ...

The batch's id follows from the run's id, so every callback, in whatever process, finds it. Needs fileaudit.py beside it.
An audit that is down must not fail a task: what cannot be reported is logged.
"""

import logging
import uuid

import fileaudit

log = logging.getLogger(__name__)


def _batch(context):
    run = context["dag_run"]
    return fileaudit.batch(
        batch_id=uuid.uuid5(uuid.NAMESPACE_URL, "airflow:%s:%s" % (run.dag_id, run.run_id)),
        name="%s %s" % (run.dag_id, run.run_id),
        table=run.dag_id,
        period=context["ds"][:7],
        labels={"airflow_run": run.run_id},
    )


def _reported(report):
    def callback(context):
        try:
            load = _batch(context)
            report(load, context)
            load.flush()
        except Exception:
            log.exception("the audit service was not told")

    return callback


def _attempt(load, context):
    task = context["task_instance"]
    load._attempts[task.task_id] = task.try_number
    return task.task_id


@_reported
def task_started(load, context):
    task = context["task_instance"]
    load._attempts[task.task_id] = task.try_number - 1
    load.started(task.task_id)


@_reported
def task_succeeded(load, context):
    load.completed(_attempt(load, context))


@_reported
def task_failed(load, context):
    load.failed(_attempt(load, context), context.get("exception") or "failed")


@_reported
def dag_succeeded(load, context):
    load.end("COMPLETED")


@_reported
def dag_failed(load, context):
    load.end("FAILED", context.get("reason"))
