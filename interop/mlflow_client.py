"""Everything that MLflow's own client sees of an experiment, as JSON: runs with params, tags, metric histories, files."""
import json
import sys

import mlflow
from mlflow import MlflowClient

client = MlflowClient(sys.argv[1])
experiment = client.get_experiment_by_name(sys.argv[2])


def files(run, path=None):
    for entry in client.list_artifacts(run, path):
        if entry.is_dir:
            yield from files(run, entry.path)
        else:
            yield entry.path


def seen(run):
    history = lambda key: [[m.step, m.timestamp, repr(m.value)] for m in client.get_metric_history(run.info.run_id, key)]
    return {
        "id": run.info.run_id,
        "name": run.info.run_name,
        "status": run.info.status,
        "start": run.info.start_time,
        "end": run.info.end_time,
        "params": run.data.params,
        "tags": run.data.tags,
        "metrics": {key: history(key) for key in run.data.metrics},
        "files": sorted(files(run.info.run_id)),
    }


runs = [seen(run) for run in client.search_runs([experiment.experiment_id])]
parent = next(run for run in runs if "mlflow.parentRunId" not in run["tags"])
with open(client.download_artifacts(parent["id"], "report.html")) as file:
    print(json.dumps({"version": mlflow.__version__, "runs": runs, "report": file.read()}))
