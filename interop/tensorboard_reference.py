"""Writes an event file with TensorBoard's own writer and messages: what src/experiment/export/testing/reference.tfevents is."""
import math, os, sys, time
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import metadata, plugin_data_pb2
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util
folder = sys.argv[1]
writer = EventFileWriter(folder)
def add(step, when, **value):
    writer.add_event(event_pb2.Event(wall_time=when, step=step, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(**value)])))
for step, value in [(0, 1.5), (1, -0.1), (2, math.nan), (3, math.inf), (4, -math.inf), (2**40, 3.4e38), (6, 0.0)]:
    add(step, 1700000000.25 + step, tag="loss/train", simple_value=value)
png = bytes.fromhex("89504e470d0a1a0a")
add(3, 1700000001.5, tag="figures/place", image=summary_pb2.Summary.Image(height=2, width=5, colorspace=3, encoded_image_string=png))
add(4, 1700000002.5, tag="weights/w", histo=summary_pb2.HistogramProto(min=-1, max=2, num=3, sum=1, sum_squares=5, bucket_limit=[0.5, 2], bucket=[2, 1]))
text = tensor_util.make_tensor_proto(["**holds** – 成立"], dtype=7) 
add(0, 1700000003.5, tag="report", tensor=text, metadata=text_metadata.create_summary_metadata("", ""))
start = plugin_data_pb2.SessionStartInfo(group_name="walk/1/arm", start_time_secs=1700000000.5)
start.hparams["drift"].number_value = 0.5
data = plugin_data_pb2.HParamsPluginData(session_start_info=start)
add(0, 1700000004.5, tag=metadata.SESSION_START_INFO_TAG, tensor=metadata.NULL_TENSOR, metadata=metadata.create_summary_metadata(data))
end = plugin_data_pb2.SessionEndInfo(status=1, end_time_secs=1700000009.5)
data = plugin_data_pb2.HParamsPluginData(session_end_info=end)
add(0, 1700000005.5, tag=metadata.SESSION_END_INFO_TAG, tensor=metadata.NULL_TENSOR, metadata=metadata.create_summary_metadata(data))
writer.close()
print("{}")
