#pragma once

#include "base/result.h"
#include "media/frame_sampler.h"
#include "tensor/device.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

namespace clipscope::features {

/// A frozen network that turns each second of a video into one vector.
///
/// Threads: one thread at a time (the network's own threads use the cores).
class Encoder
{
public:
    virtual ~Encoder() = default;
    /// "efficientnet-lite0", "s3d" or "random-spatiotemporal": the folder under features/.
    virtual std::string name() const = 0;
    /// Changes with the weights, the preprocessing and the frames per second; features of different
    /// fingerprints never mix.
    virtual std::string fingerprint() const = 0;
    /// Numbers per second.
    virtual int dim() const = 0;
    /// How frames must be decoded and scaled.
    virtual media::SamplePlan plan() const = 0;
    /// Seconds per call that use the machine well: few keep what a layer leaves in the cache, many
    /// keep threads from waiting for each other while decoding takes cores from them.
    virtual int preferredBatch() const = 0;
    /// "cpu, bf16": where and how it computes, for logs.
    virtual std::string placement() const = 0;
    /// Shapes: frames uint8 [N, F, H, W, 3] on the CPU, as plan() asks -> float32 [N, dim] on the
    /// CPU.
    virtual at::Tensor encode(const at::Tensor& frames) const = 0;
};

/// Names that loadEncoder() knows, the starter's first.
const std::vector<std::string>& encoderNames();

/// Loads an encoder's weights from the models folder: `efficientnet-lite0` from
/// `starter.safetensors`, `s3d` from `s3d.safetensors` or `s3d_howto100m.pth`;
/// `random-spatiotemporal` needs none. Errors: BadInput for an unknown name (known names listed);
/// NotFound when the weights are not there, naming the file and what to do; what the weight readers
/// return.
Result<std::unique_ptr<Encoder>> loadEncoder(const std::string& name,
    const std::filesystem::path& modelsFolder, const tensor::Compute& compute);

/// Fingerprint of the encoder whose weights lie in `modelsFolder`, without loading the network.
/// Errors: as loadEncoder().
Result<std::string> encoderFingerprint(
    const std::string& name, const std::filesystem::path& modelsFolder);

} // namespace clipscope::features
