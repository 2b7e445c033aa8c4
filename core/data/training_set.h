#pragma once

#include "base/result.h"
#include "data/captioned_video.h"
#include "text/word_piece.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace clipscope::store {
class Project;
}

namespace clipscope::data {

/// How captions become tokens.
struct CaptionConfig
{
    bool deduplicate = false; ///< for captions of automatic speech recognition
    std::int64_t maxCharacters = 96; ///< a caption is cut there first
    std::int64_t maxTokens = 32; ///< and there, after WordPiece
};

/// Padded tensors of a batch of pairs, row i of the text belonging to row i of the video.
/// Shapes: ids int64 [B, L], [CLS] words [SEP] then padding; textMask bool [B, L]; features float32
///         [B, T, Df]; videoMask bool [B, T]; L and T are those of the longest row; all on the CPU.
struct Batch
{
    at::Tensor ids, textMask, features, videoMask;
    std::int64_t size() const;
};

/// The captioned videos of a project that have features: a view, nothing is copied but the tokens.
///
/// Errors:  of open() only.
/// Threads: const after construction; any thread at once.
class TrainingSet final
{
public:
    /// Takes every video with captions and with features of `encoder`.
    /// Errors: NotFound when there is none (says what is missing); as store::FeatureReader.
    static Result<TrainingSet> open(const store::Project& project, const std::string& encoder,
        const text::WordPiece& words, const CaptionConfig& config);
    TrainingSet(TrainingSet&&) noexcept;
    TrainingSet& operator=(TrainingSet&&) noexcept;
    ~TrainingSet();

    /// In the order of the catalogue.
    const std::vector<CaptionedVideo>& videos() const;
    std::int64_t featureWidth() const; ///< Df
    std::string encoderFingerprint() const;
    std::int64_t withoutCaptions() const; ///< videos left out
    std::int64_t withoutFeatures() const; ///< captioned videos left out

    /// `maxTokens` words a text are kept. Requires a non-empty list of pairs of this set.
    Batch batch(std::span<const ClipPair> pairs, std::int64_t maxTokens) const;

private:
    struct Impl;
    explicit TrainingSet(std::unique_ptr<const Impl> impl);
    std::unique_ptr<const Impl> m_impl;
};

} // namespace clipscope::data
