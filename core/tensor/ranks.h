#pragma once

#include "base/result.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace clipscope::tensor {

/// Which of several processes that train together this one is.
struct RanksConfig
{
    int rank = 0, size = 1;
    int localRank = 0; ///< among those of the same machine: picks the graphics card
    std::string address; ///< of rank 0
    int port = 0;
    bool hostsStore = false; ///< this process opens the port; else somebody else does
    int joinSeconds = 300; ///< how long to wait for the others at the start
    int answerSeconds = 1800; ///< how long a rank may be silent while its connection stands
};

/// Reads torchrun's variables (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT) or, without
/// them, Slurm's (SLURM_PROCID, SLURM_NTASKS, SLURM_LOCALID, and MASTER_ADDR or the launching
/// node). Size 1 when neither are set. Errors: BadInput naming the variable.
Result<RanksConfig> ranksFromEnvironment();

/// Several processes that train one model, over LibTorch's process groups: Gloo for tensors on the
/// CPU, NCCL for those on graphics cards. Every rank must make the same calls in the same order.
///
/// Errors:  Io when another rank died or cannot be reached: its connections close, so the others
///          hear of it within seconds.
/// Threads: one thread at a time; calls wait for the other ranks.
class Ranks final
{
public:
    /// Only this process; every call returns at once.
    Ranks();
    /// Waits for the others. Errors: Io (they do not come, the port is taken), Unsupported.
    static Result<Ranks> join(const RanksConfig& config, at::Device device);
    Ranks(Ranks&&) noexcept;
    Ranks& operator=(Ranks&&) noexcept;
    ~Ranks();

    int rank() const;
    int size() const;
    bool isFirst() const { return rank() == 0; }

    /// The rows of all ranks, in the order of ranks. `counts` holds the number of rows of each.
    /// Shapes: rows [counts[rank()], ...] -> [sum of counts, ...], contiguous, detached.
    Result<at::Tensor> gathered(
        const at::Tensor& rows, const std::vector<std::int64_t>& counts) const;
    /// Replaces `values` by their sum over all ranks. Requires contiguous values.
    Status sum(at::Tensor& values) const;
    /// The greatest of the ranks' values.
    Result<std::int64_t> greatest(std::int64_t value) const;
    /// The text of rank 0.
    Result<std::string> ofFirst(const std::string& text) const;

    /// A sum that goes on while the caller computes.
    class Pending;
    /// `values` belongs to the sum until wait(); sums must be started in one order on all ranks.
    Result<std::shared_ptr<Pending>> startSum(at::Tensor values) const;
    static Status wait(Pending& pending);

private:
    struct Impl;
    explicit Ranks(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl; // none: alone
};

} // namespace clipscope::tensor
