#pragma once

#include "base/job_context.h"
#include "base/result.h"
#include "tasks/embedding_model.h"
#include "tasks/moments.h"
#include "tasks/states.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace clipscope::store {
class Project;
}

namespace clipscope::tasks {

struct SearchOptions
{
    int top = 20; ///< most moments in the answer, 1 to 10,000
    MomentRule rule;
};

/// Mapped second states of one video. Shapes: halves [seconds, dim] binary16 bits.
struct SecondStates
{
    std::span<const std::uint16_t> halves;
    std::int64_t seconds = 0;
};

struct SearchAnswer
{
    std::string query;
    std::string checkpoint; ///< CheckpointInfo::name
    std::vector<Moment> moments; ///< as orderMoments() orders them
    bool nothingMatches = false; ///< every moment is weak: the window says so
    /// Mean and maximum over all seconds: what a heat strip shows as nothing and as full.
    float stripLow = 0.0F, stripHigh = 1.0F;
    std::vector<std::string> notes; ///< for the user: the query was cut, videos without features
    double embedMilliseconds = 0.0, scoreMilliseconds = 0.0;
};

/// Searches one project with one checkpoint.
///
/// Which path is taken: up to `windowIndexPaysFrom` seconds every second is scored by the binary16
/// product of retrieval/half_scores.h over the mapped states: exact, nothing is copied, at the
/// speed of the memory (docs/performance.md compares it with a bf16 product by LibTorch and with
/// FAISS). Above that, the FAISS window index names the most likely videos and only their seconds
/// are scored. Threads: one thread at a time; the window's model thread owns it.
class SearchSession final
{
public:
    /// Loads the checkpoint, brings the states up to date and maps them.
    /// Errors: as findCheckpoint(), loadEmbeddingModel(), ensureStates().
    static Result<SearchSession> open(
        const store::Project& project, const std::string& checkpointName, JobContext context);
    /// The same with a model that is loaded already.
    static Result<SearchSession> open(
        const store::Project& project, std::unique_ptr<EmbeddingModel> model, JobContext context);

    SearchSession(SearchSession&&) noexcept;
    SearchSession& operator=(SearchSession&&) noexcept;
    ~SearchSession();

    /// Errors: BadInput (no words in `text`), Cancelled.
    Result<SearchAnswer> search(
        const std::string& text, const SearchOptions& options = {}, std::stop_token stop = {});

    /// Score of each second of a video for the text of the last search(), for heat strips; empty if
    /// nothing was searched or the video has no states. Takes well below a millisecond.
    std::vector<float> scoresOfVideo(std::int64_t videoId) const;

    /// Picks up videos whose features came since open(). The last search() is forgotten.
    /// Errors: as ensureStates(); the session stays as it was.
    Status refresh(const store::Project& project, JobContext context);

    const CheckpointInfo& checkpoint() const;
    const StatesReport& states() const;
    const EmbeddingModel& model() const;
    /// Good until refresh(); nothing when the video has no states.
    std::optional<SecondStates> statesOf(std::int64_t videoId) const;
    /// Grows with every refresh() that succeeded.
    std::int64_t revision() const;

private:
    struct Impl;
    explicit SearchSession(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace clipscope::tasks
