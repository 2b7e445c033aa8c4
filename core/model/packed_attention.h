#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace clipscope::model {

/// Softmax attention within each of several sequences that stand one after another, without padding
/// between them. Differentiable; nothing depends on the number of threads.
/// Shapes:  query, key, value [S, D], one floating type; lengths, each at least 1, sum to S;
///          heads divides D -> [S, D].
/// Range:   dropout of the attention weights in [0, 1); 0 draws no random numbers.
/// Threads: any thread at once; shares the sequences among LibTorch's threads.
/// Cost:    keeps the attention weights, heads * (sum of squared lengths), for the backward pass.
///          On a graphics card: paddedAttention().
at::Tensor packedAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const std::vector<std::int64_t>& lengths, std::int64_t heads, double dropout);

/// The same by LibTorch's fused attention over sequences padded to the longest; all that is before
/// and behind attention stays without padding. Any device.
at::Tensor paddedAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const std::vector<std::int64_t>& lengths, std::int64_t heads, double dropout);

} // namespace clipscope::model
