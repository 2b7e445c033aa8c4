#pragma once

#include "data/epoch.h"
#include "data/training_set.h"
#include "model/video_clip.h"
#include "store/run_folder.h"
#include "tensor/device.h"
#include "text/word_piece.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace clipscope::jobs {

/// The watched queries of a project (docs/formats/watch-list.md) as a training measures them: the
/// rank of the expected moment among stretches of five seconds of the films that are measured on
/// and those that are expected, at most 200 of them. A stretch scores as the best of its seconds;
/// those that touch the moment are no rivals. Threads: one thread at a time.
class Watch final
{
public:
    /// Queries whose film is not in the set are left out. Errors: as store::readWatchList().
    static Result<Watch> open(const std::filesystem::path& project, const data::TrainingSet& set,
        const data::Split& split, const text::WordPiece& words);

    bool isEmpty() const { return m_queries.empty(); }
    /// Adds `watch.ID` to the row: 1 is best. The network's training switch is off afterwards.
    /// Errors: as data::TrainingSet::batch().
    Status measure(
        model::VideoClip& network, const tensor::Compute& compute, store::MetricsRow& row) const;

private:
    struct Query
    {
        std::int64_t id = 0, video = 0; ///< video: position in the set
        double startSeconds = 0.0, stopSeconds = 0.0;
        std::vector<std::int32_t> tokens;
    };
    explicit Watch(const data::TrainingSet& set)
        : m_set(&set)
    {
    }
    at::Tensor queryVectors(model::VideoClip& network, const tensor::Compute& compute) const;

    const data::TrainingSet* m_set;
    std::int64_t m_cls = 0, m_sep = 0;
    std::vector<Query> m_queries;
    std::vector<std::int64_t> m_videos; ///< searched, positions in the set
};

} // namespace clipscope::jobs
