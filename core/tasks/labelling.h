#pragma once

#include "base/result.h"
#include "labels/label_set.h"
#include "labels/segmenter.h"

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace clipscope::tasks {

class SearchSession;

/// One video labelled.
struct LabelledVideo
{
    std::int64_t videoId = 0;
    std::size_t seconds = 0, labels = 0; ///< T, L
    /// [T, L] row-major, float32: state of the second times vector of the label. Shared with the
    /// next labelling of the video, never changed.
    std::shared_ptr<const std::vector<float>> scores;
    double threshold = 0.0; ///< of labels without their own: asked for, or found
    std::vector<double> thresholds; ///< [L] used
    labels::Labelling labelling;
    std::vector<std::string> notes; ///< for the user: a wording was cut
    std::int64_t textsEmbedded = 0; ///< by this call, the others were known
    std::int64_t labelsScored = 0; ///< by this call, the others were known
    double embedMilliseconds = 0.0, scoreMilliseconds = 0.0, segmentMilliseconds = 0.0;
};

/// Labels the seconds of videos with the words of a label set.
///
/// A label's vector is the mean of the vectors of its texts (LabelSet::textsOf), its score in a
/// second the dot product with the second's state. Texts are embedded once; of the video labelled
/// last the scores are kept, so that an edited wording embeds its own texts and scores its own
/// label only. What is kept does not change any result.
///
/// The automatic threshold is the largest dot product of two different label vectors. A set of one
/// label has no such pair: the checkpoint's EmbeddingModel::weakBelow() takes its place where it is
/// known, else the mean score of the video.
/// Source:  Xu et al. 2021 on COIN.
/// Owns:    nothing; the session must outlive it. After SearchSession::refresh() it goes on with
///          the new states.
/// Threads: one thread at a time, that of the session.
class Labeller final
{
public:
    explicit Labeller(const SearchSession& session);
    Labeller(Labeller&&) noexcept;
    Labeller& operator=(Labeller&&) noexcept;
    ~Labeller();

    /// Embeds what is new of `set`.
    /// Errors: BadInput (no labels; a name twice; a text without words: names the label),
    /// Cancelled; the set before stays.
    Status setLabelSet(const labels::LabelSet& set, std::stop_token stop = {});
    const labels::LabelSet& labelSet() const;
    /// Vectors of the labels. Shapes: [L, D] row-major.
    const std::vector<float>& labelVectors() const;

    /// Labels with the set of setLabelSet(), which must have been there.
    /// Errors: NotFound when the video has no states (says what to run), Cancelled.
    Result<LabelledVideo> label(
        std::int64_t videoId, const labels::SegmenterOptions& options, std::stop_token stop = {});

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// The largest dot product of two different rows; minus infinity when there is only one.
/// Shapes: vectors [L, D] row-major.
double largestPairProduct(const std::vector<float>& vectors, std::size_t L);

} // namespace clipscope::tasks
