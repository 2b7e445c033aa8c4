#pragma once

#include "tensor/device.h"

#include <cstdlib>
#include <string_view>

namespace clipscope::test {

/// Where this run of a test computes: the CPU, or the graphics card when CLIPSCOPE_TEST_DEVICE says
/// cuda, as in the ctest entries that end in `.cuda`.
/// Errors: Unsupported without a card that LibTorch can use; the test is to be skipped with it.
inline Result<at::Device> testDevice()
{
    const char* wanted = std::getenv("CLIPSCOPE_TEST_DEVICE");
    const bool onCard = wanted != nullptr && std::string_view(wanted) == "cuda";
    CLIP_TRY_ASSIGN(const auto compute,
        tensor::resolveCompute(onCard ? tensor::DeviceWish::Cuda : tensor::DeviceWish::Cpu,
            tensor::PrecisionWish::Float32));
    return compute.device;
}

} // namespace clipscope::test
