#pragma once

#include "tensor/parameters.h"
#include "tensor/ranks.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace clipscope::train {

/// Sums gradients over the ranks while the backward pass still computes others.
///
/// Weights form buckets in the reverse of their order, about the order in which backward finishes
/// them. As soon as all gradients of a bucket are there, and the buckets before it have been sent,
/// its sum starts; finish() waits for all of them.
/// Owns:    nothing; parameters and ranks must outlive it.
/// Errors:  of finish() only, as tensor::Ranks.
/// Threads: one thread at a time; autograd's thread calls in between begin() and finish().
class GradientSums final
{
public:
    GradientSums(const std::vector<tensor::NamedTensor>& parameters, const tensor::Ranks& ranks,
        std::int64_t bucketBytes = std::int64_t(8) << 20);
    ~GradientSums();
    GradientSums(const GradientSums&) = delete;
    GradientSums& operator=(const GradientSums&) = delete;

    /// To be called before the last backward pass of a step; gradients of earlier passes are summed
    /// with it.
    void begin();
    /// Sends what is left and replaces all gradients by their sums times `factor`. Every rank ends
    /// with the same gradients; weights without gradient on all ranks stay without.
    Status finish(double factor);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::train
