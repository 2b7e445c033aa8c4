#pragma once

#include "base/result.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clipscope::tensor {

/// What the user asked for; Auto takes the graphics card when there is one.
enum class DeviceWish { Auto, Cpu, Cuda };
/// Auto takes bfloat16 where the device computes it faster than float32.
enum class PrecisionWish { Auto, Float32, BFloat16, Float16 };

/// Names for settings, in the order of the enumerators.
std::vector<std::string> deviceWishNames();
std::vector<std::string> precisionWishNames();

/// Where and in which type networks run.
struct Compute
{
    at::Device device = at::kCPU;
    at::ScalarType precision = at::kFloat;
    /// "CPU, bfloat16": for logs and the window.
    std::string toString() const;
};

/// `card` counts this machine's graphics cards; too high a number starts again from 0.
/// Errors: Unsupported when Cuda is asked for and this build or machine has none.
/// Threads: any thread at once.
Result<Compute> resolveCompute(DeviceWish device, PrecisionWish precision, int card = 0);

/// True when bfloat16 matrix products are clearly faster than float32 ones on this processor.
/// Cost: a race of some milliseconds at the first call.
bool cpuHasFastBFloat16();

/// How many threads LibTorch computes with, for the calling thread and those that have not computed
/// yet; at least 1. Without a call: one for each core. Threads: any thread, between its
/// computations.
void useThreads(int count);

/// No gradients and no autograd bookkeeping in this scope.
/// Threads: affects the calling thread only.
class InferenceScope final
{
public:
    InferenceScope();
    ~InferenceScope();
    InferenceScope(const InferenceScope&) = delete;
    InferenceScope& operator=(const InferenceScope&) = delete;

private:
    bool m_before;
};

/// Mixed precision in this scope: matrix products run in compute.precision, weights stay as they
/// are. Does nothing for Float32.
/// Threads: affects the calling thread only.
class AutocastScope final
{
public:
    explicit AutocastScope(const Compute& compute);
    ~AutocastScope();
    AutocastScope(const AutocastScope&) = delete;
    AutocastScope& operator=(const AutocastScope&) = delete;

private:
    at::DeviceType m_type;
    bool m_active;
    bool m_before = false;
    at::ScalarType m_dtypeBefore = at::kFloat;
};

/// Returns when everything that was begun on the device is done; the CPU is always done.
void finishWork(at::Device device);

/// Memory of a graphics card that tensors of this process take up, in bytes; nothing for the CPU.
std::optional<std::int64_t> usedBytes(at::Device device);

/// Seeds the generators of all devices (dropout is the only user in Clipscope).
void seedRandom(std::uint64_t seed);
/// State of the CPU generator and, when `device` is one, of its CUDA generator: uint8 tensors to be
/// stored in a checkpoint.
/// Errors of setRandomState: BadInput when the bytes are no state of this LibTorch.
at::Tensor randomState(at::Device device);
Status setRandomState(at::Device device, const at::Tensor& state);

} // namespace clipscope::tensor
