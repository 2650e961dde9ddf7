"""Everything that TensorBoard's own readers find in the event files under a folder, as JSON, by the folder of each."""
import io
import json
import os
import sys

import tensorboard
from PIL import Image
from tensorboard.backend.event_processing import event_file_loader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata as hparams
from tensorboard.util import tensor_util

everything = {"scalars": 0, "images": 0, "histograms": 0, "tensors": 0}


def image(event):
    picture = Image.open(io.BytesIO(event.encoded_image_string))
    picture.load()
    return [picture.format, *picture.size, event.width, event.height]


def session(content):
    data = hparams.plugin_data_pb2.HParamsPluginData.FromString(content)
    if data.HasField("session_end_info"):
        return {"status": data.session_end_info.status}
    start = hparams.parse_session_start_info_plugin_data(content)
    return {"group": start.group_name, "hparams": {key: getattr(value, value.WhichOneof("kind")) for key, value in start.hparams.items()}}


def found(folder):
    accumulator = EventAccumulator(folder, size_guidance=everything)
    accumulator.Reload()
    tags = accumulator.Tags()
    plugin = {tag: accumulator.SummaryMetadata(tag).plugin_data for tag in tags["tensors"]}
    texts = [tag for tag, data in plugin.items() if data.plugin_name == "text"]
    sessions = [tag for tag, data in plugin.items() if data.plugin_name == "hparams"]
    (name,) = [name for name in os.listdir(folder) if "tfevents" in name]
    return {
        "events": len(list(event_file_loader.EventFileLoader(os.path.join(folder, name)).Load())),
        "scalars": {tag: [[e.step, e.wall_time, repr(e.value)] for e in accumulator.Scalars(tag)] for tag in tags["scalars"]},
        "images": {tag: [image(e) for e in accumulator.Images(tag)] for tag in tags["images"]},
        "histograms": {tag: [e.histogram_value.num for e in accumulator.Histograms(tag)] for tag in tags["histograms"]},
        "texts": {tag: [tensor_util.make_ndarray(e.tensor_proto)[0].decode() for e in accumulator.Tensors(tag)] for tag in texts},
        "sessions": {tag: session(plugin[tag].content) for tag in sessions},
    }


root = sys.argv[1]
folders = [folder for folder, _, names in os.walk(root) if any("tfevents" in name for name in names)]
print(json.dumps({"version": tensorboard.__version__, "folders": {os.path.relpath(folder, root): found(folder) for folder in folders}}))
