#include "tensor/device.h"

#include "base/guarded.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <dlfcn.h>

namespace clipscope::tensor {

namespace {

bool cpuMayHaveFastBFloat16()
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16") != 0;
#else
    return false;
#endif
}

/// CUDA's kernels register themselves when their library is loaded, so one program serves machines
/// with and without. Returns why that did not work; empty when it did.
std::string loadCuda()
{
    static const std::string problem = [] {
        if (::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) != nullptr) {
            // float32 means float32: who wants speed takes bfloat16, and says so.
            at::globalContext().setAllowTF32CuDNN(false);
            return std::string();
        }
        const char* why = ::dlerror();
        return std::string(why == nullptr ? "libtorch_cuda.so cannot be loaded" : why);
    }();
    return problem;
}

/// Loading takes most of a second, which a machine without NVIDIA's driver is spared.
bool hasDriver()
{
    std::error_code error;
    return std::filesystem::exists("/proc/driver/nvidia/version", error)
        || std::filesystem::exists("/dev/nvidiactl", error)
        || std::filesystem::exists("/dev/dxg", error); // Windows' Linux
}

/// The processor's word is not enough: with the same instructions, bfloat16 products were measured
/// at four times the speed of float32 on one machine and at half of it on another.
bool bfloat16WinsARace()
{
    constexpr std::int64_t size = 384; // short enough to fit between two interruptions
    constexpr int rounds = 8;
    constexpr double clearlyFaster = 1.3;
    const at::NoGradGuard noGrad;
    const at::Tensor single = at::ones({ size, size }), half = single.to(at::kBFloat16);
    const auto seconds = [](const at::Tensor& matrix) {
        const auto start = std::chrono::steady_clock::now();
        at::mm(matrix, matrix);
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    double bestSingle = seconds(single), bestHalf = seconds(half);
    for (int round = 0; round < rounds; ++round) {
        bestSingle = std::min(bestSingle, seconds(single));
        bestHalf = std::min(bestHalf, seconds(half));
    }
    return bestSingle > clearlyFaster * bestHalf;
}

} // namespace

std::vector<std::string> deviceWishNames()
{
    return { "auto", "cpu", "cuda" };
}
std::vector<std::string> precisionWishNames()
{
    return { "auto", "float32", "bfloat16", "float16" };
}

std::string Compute::toString() const
{
    std::string text = device.is_cpu() ? "CPU" : "GPU " + device.str();
    return text
        + (precision == at::kBFloat16    ? ", bfloat16"
                : precision == at::kHalf ? ", float16"
                                         : ", float32");
}

bool cpuHasFastBFloat16()
{
    static const bool fast = cpuMayHaveFastBFloat16() && bfloat16WinsARace();
    return fast;
}

Result<Compute> resolveCompute(DeviceWish device, PrecisionWish precision, int card)
{
    return guarded([&]() -> Result<Compute> {
        const bool tries
            = device == DeviceWish::Cuda || (device == DeviceWish::Auto && hasDriver());
        const std::string problem = tries ? loadCuda() : "";
        const bool cuda = tries && problem.empty() && at::hasCUDA();
        if (device == DeviceWish::Cuda && !cuda)
            return fail(ErrorKind::Unsupported,
                "A CUDA graphics card was asked for, but this machine has none that LibTorch can "
                "use"
                    + (problem.empty() ? std::string(".") : ": " + problem + "."),
                {},
                problem.empty() ? "Set the device to auto or cpu."
                                : "Set the device to auto or cpu, or fetch the CUDA libraries with "
                                  "./dev cuda.");
        Compute compute;
        if (cuda)
            compute.device = at::Device(at::kCUDA,
                static_cast<at::DeviceIndex>(
                    card % std::max(1, static_cast<int>(at::getNumGPUs()))));
        const bool fast = cuda || cpuHasFastBFloat16();
        if (precision == PrecisionWish::BFloat16 || (precision == PrecisionWish::Auto && fast))
            compute.precision = at::kBFloat16;
        else if (precision == PrecisionWish::Float16)
            compute.precision = at::kHalf;
        return compute;
    });
}

void useThreads(int count)
{
    at::set_num_threads(count);
}

InferenceScope::InferenceScope()
    : m_before(at::GradMode::is_enabled())
{
    at::GradMode::set_enabled(false);
}

InferenceScope::~InferenceScope()
{
    at::GradMode::set_enabled(m_before);
}

AutocastScope::AutocastScope(const Compute& compute)
    : m_type(compute.device.type())
    , m_active(compute.precision != at::kFloat)
{
    if (!m_active)
        return;
    m_before = at::autocast::is_autocast_enabled(m_type);
    m_dtypeBefore = at::autocast::get_autocast_dtype(m_type);
    at::autocast::set_autocast_enabled(m_type, true);
    at::autocast::set_autocast_dtype(m_type, compute.precision);
    at::autocast::increment_nesting();
}

AutocastScope::~AutocastScope()
{
    if (!m_active)
        return;
    // Casts of weights are cached inside a scope; the next step has other weights.
    if (at::autocast::decrement_nesting() == 0)
        at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(m_type, m_before);
    at::autocast::set_autocast_dtype(m_type, m_dtypeBefore);
}

void finishWork(at::Device device)
{
    if (device.is_cuda())
        at::accelerator::synchronizeDevice(device.index());
}

std::optional<std::int64_t> usedBytes(at::Device device)
{
    if (!device.is_cuda())
        return std::nullopt;
    const auto stats = at::accelerator::getDeviceStats(device.index());
    return stats.allocated_bytes[0].current;
}

void seedRandom(std::uint64_t seed)
{
    at::manual_seed(seed);
}

at::Tensor randomState(at::Device device)
{
    at::Tensor cpu = at::globalContext().defaultGenerator(at::kCPU).get_state();
    if (!device.is_cuda())
        return cpu;
    return at::cat({ cpu, at::globalContext().defaultGenerator(device).get_state() });
}

Status setRandomState(at::Device device, const at::Tensor& state)
{
    return guarded([&]() -> Status {
        auto cpu = at::globalContext().defaultGenerator(at::kCPU);
        const std::int64_t size = cpu.get_state().numel();
        if (state.scalar_type() != at::kByte || state.dim() != 1 || state.numel() < size)
            return fail(
                ErrorKind::BadInput, "The stored random state is not one of this LibTorch.");
        cpu.set_state(state.narrow(0, 0, size).clone());
        // A run that started without a graphics card may go on with one, and the reverse.
        if (device.is_cuda() && state.numel() > size) {
            at::Generator cuda = at::globalContext().defaultGenerator(device);
            cuda.set_state(state.narrow(0, size, state.numel() - size).clone());
        }
        return {};
    });
}

} // namespace clipscope::tensor
