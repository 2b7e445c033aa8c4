#pragma once

#include "base/json.h"
#include "tensor/tensor_file.h"

#include <ATen/ATen.h>

namespace clipscope::test {

/// u(t, i) of the fixtures' README, section "Weights by formula".
inline double formulaUnit(std::uint64_t t, std::uint64_t i)
{
    std::uint64_t z = ((t << 32) | i) + 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    z ^= z >> 31;
    return static_cast<double>(z >> 11) * 0x1p-53;
}

/// base + scale * (2u - 1), rounded to float32.
inline at::Tensor formulaTensor(
    std::uint64_t t, const std::vector<std::int64_t>& shape, double base, double scale)
{
    const at::Tensor values = at::empty(shape, at::kFloat);
    float* out = values.mutable_data_ptr<float>();
    for (std::int64_t i = 0; i < values.numel(); ++i)
        out[i] = static_cast<float>(
            base + scale * (2.0 * formulaUnit(t, static_cast<std::uint64_t>(i)) - 1.0));
    return values;
}

/// The tensors of a names file: a list of {t, name, shape, base, scale[, first4]}. Integer tensors
/// have no base and are left out.
inline tensor::TensorFile formulaFile(const Json& list)
{
    tensor::TensorFile file;
    for (const Json& item : list)
        if (item.contains("base") && item["base"].is_number())
            file.tensors[item["name"].get<std::string>()] = formulaTensor(
                item["t"].get<std::uint64_t>(), item["shape"].get<std::vector<std::int64_t>>(),
                item["base"].get<double>(), item["scale"].get<double>());
    return file;
}

/// Largest absolute difference, computed in float64; infinite when the shapes differ.
inline double distance(const at::Tensor& a, const at::Tensor& b)
{
    if (a.sizes() != b.sizes())
        return std::numeric_limits<double>::infinity();
    if (a.numel() == 0)
        return 0.0;
    return (a.detach().to(at::kDouble) - b.detach().to(at::kDouble)).abs().max().item<double>();
}

/// distance() relative to the largest value of `expected`.
inline double relativeDistance(const at::Tensor& actual, const at::Tensor& expected)
{
    const double size = expected.detach().to(at::kDouble).abs().max().item<double>();
    return distance(actual, expected) / std::max(size, 1e-30);
}

} // namespace clipscope::test

/// Fails with the distance in the message when it is above `bound` (or not a number).
#define QVERIFY_WITHIN(distance_, bound)                                                           \
    do {                                                                                           \
        const double clipDistance = (distance_);                                                   \
        QVERIFY2(clipDistance <= (bound),                                                          \
            qPrintable(QStringLiteral("%1 is above %2").arg(clipDistance).arg(bound)));            \
    } while (false)
