#pragma once

#include "data/captioned_video.h"
#include "tensor/tensor_file.h"
#include "train/clusters.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace clipscope::train {

/// The clusters of the epoch under way and how far training is through them.
/// Threads: one thread at a time.
class EpochPlan final
{
public:
    /// The videos of one step.
    struct Step
    {
        std::int64_t firstCluster = 0, clusters = 0;
        std::vector<std::int64_t> videos; ///< positions in the TrainingSet
    };

    /// From 1; 0 before the first.
    std::int64_t epoch() const { return m_epoch; }
    bool isExhausted() const { return m_next == m_clusters.size(); }
    void begin(std::int64_t epoch, const std::vector<Cluster>& clusters);
    /// The next `clusters` clusters, or what is left of them. Requires !isExhausted().
    Step take(std::int64_t clusters);
    /// What the next take() will give.
    Step peek(std::int64_t clusters) const;
    /// Undoes the last take(), and with `begun` the begin() before it.
    void giveBack(const Step& step, bool begun);

    /// As "epoch.videos" and "epoch.starts", by the numbers of the catalogue.
    void exportTo(tensor::TensorFile& file, const data::VideoList& set) const;
    /// Videos that are no longer in the set are left out. Returns how many of them were still to
    /// come. Errors: BadInput.
    Result<std::int64_t> importFrom(const tensor::TensorFile& file,
        const std::filesystem::path& path, const data::VideoList& set);

private:
    std::int64_t m_epoch = 0;
    std::vector<std::vector<std::int64_t>> m_clusters;
    std::size_t m_next = 0;
};

} // namespace clipscope::train
