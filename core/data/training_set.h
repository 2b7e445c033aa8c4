#pragma once

#include "base/result.h"
#include "data/caption_tokens.h"
#include "data/captioned_video.h"

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

class FeatureSource;

/// Padded tensors of a batch of pairs, row i of the text belonging to row i of the video.
/// Shapes: ids int64 [B, L], [CLS] words [SEP] then padding; textMask bool [B, L]; features float32
///         [B, T, Df]; videoMask bool [B, T]; L and T are those of the longest row; all on the CPU.
struct Batch
{
    at::Tensor ids, textMask, features, videoMask;
    std::int64_t size() const;
};

/// The captioned videos that have features: a view of mapped captions and features.
///
/// Memory:  8 bytes a video, and what the mapped files' tables need (docs/formats/captions.md).
/// Threads: const after construction; any thread at once.
class TrainingSet final : public VideoList
{
public:
    /// Takes every video of the catalogue with captions and with features of `encoder`, in the
    /// catalogue's order; makes the caption shard when needed.
    /// Errors: NotFound when there is none (says what is missing); as store::FeatureReader and
    /// openProjectCaptions().
    static Result<TrainingSet> open(const store::Project& project, const std::string& encoder,
        const text::WordPiece& words, const CaptionConfig& config);
    /// Takes every video of a named source whose features were adopted, in the order of its shard.
    /// `config.deduplicate` counts as true.
    /// Errors: NotFound when captions or features were not imported; Conflict when the captions
    /// were tokenised with another vocabulary or other settings, or the features were adopted for
    /// other captions; BadInput (damaged), Io, Unsupported.
    static Result<TrainingSet> openSource(const store::Project& project, std::string_view source,
        const text::WordPiece& words, CaptionConfig config);
    TrainingSet(TrainingSet&&) noexcept;
    TrainingSet& operator=(TrainingSet&&) noexcept;
    ~TrainingSet() override;

    std::int64_t count() const override;
    CaptionedVideo video(std::int64_t index) const override;
    std::int64_t featureWidth() const; ///< Df
    std::string encoder() const; ///< name of what made the features
    std::string encoderFingerprint() const;
    std::int64_t withoutCaptions() const; ///< videos left out
    std::int64_t withoutFeatures() const; ///< captioned videos left out

    /// `maxTokens` words a text are kept. Requires a non-empty list of pairs of this set.
    /// Errors: what became of the files since open(): BadInput for damaged captions or features,
    /// NotFound, Io; each names file and video.
    Result<Batch> batch(std::span<const ClipPair> pairs, std::int64_t maxTokens) const;

private:
    struct Impl;
    static std::unique_ptr<Impl> make(std::unique_ptr<const FeatureSource> features,
        store::CaptionShard captions, const std::string& encoder, const text::WordPiece& words);
    explicit TrainingSet(std::unique_ptr<const Impl> impl);
    std::unique_ptr<const Impl> m_impl;
};

} // namespace clipscope::data
