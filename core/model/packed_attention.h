#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <functional>
#include <vector>

namespace clipscope::model {

/// Sequences whose tokens stand one after another, without padding between them.
struct Sequences
{
    std::vector<std::int64_t> lengths; ///< each at least 1
    /// int32 [lengths.size() + 1] on the device of the tokens: where each begins, and the end of
    /// the last. Graphics cards read it; undefined for tokens on the CPU.
    at::Tensor offsets;

    /// `offsets` as the tokens' device needs it.
    static Sequences on(at::Device device, std::vector<std::int64_t> lengths);
};

/// One pass of an attention and how to go back through it, for who writes his own node of the
/// graph.
struct AttentionPass
{
    at::Tensor mixed; ///< [S, D], without graph
    /// Gradients of query, key and value, [S, D] each, of that of `mixed`; to be called once at
    /// most. Empty in a pass that was not to learn.
    std::function<std::array<at::Tensor, 3>(const at::Tensor&)> backward;
};

/// A pass of what is differentiable by itself, through a small graph of its own.
AttentionPass trackedAttention(const at::Tensor& query, const at::Tensor& key,
    const at::Tensor& value, bool learns,
    const std::function<at::Tensor(const at::Tensor&, const at::Tensor&, const at::Tensor&)>&
        attention);

/// Softmax attention within each of several sequences. Differentiable; nothing depends on the
/// number of threads. Shapes:  query, key, value [S, D], one floating type; the lengths sum to S;
/// heads divides D
///          -> [S, D].
/// Range:   dropout of the attention weights in [0, 1); 0 draws no random numbers.
/// Threads: any thread at once; shares the sequences among LibTorch's threads.
/// Cost:    keeps the attention weights, heads * (sum of squared lengths), for the backward pass.
///          On a graphics card LibTorch's fused kernels keep a number a row; where these do not
///          take the type or the width of a head, paddedAttention().
at::Tensor packedAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const Sequences& sequences, std::int64_t heads, double dropout);

/// A pass of packedAttention().
AttentionPass packedAttentionPass(const at::Tensor& query, const at::Tensor& key,
    const at::Tensor& value, const Sequences& sequences, std::int64_t heads, double dropout,
    bool learns);

/// The same by LibTorch's fused attention over sequences padded to the longest; all that is before
/// and behind attention stays without padding. Any device.
at::Tensor paddedAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
    const std::vector<std::int64_t>& lengths, std::int64_t heads, double dropout);

} // namespace clipscope::model
