#include "data/training_set.h"

#include "base/require.h"
#include "data/clip_sampler.h"
#include "data/feature_source.h"
#include "data/named_source.h"
#include "data/project_captions.h"
#include "store/project.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace clipscope::data {

struct TrainingSet::Impl
{
    std::unique_ptr<const FeatureSource> features;
    store::CaptionShard captions;
    /// For each video of the set.
    std::vector<std::uint32_t> shardIndex, seconds;
    std::int64_t withoutCaptions = 0, withoutFeatures = 0;
    std::string encoder;
    std::int64_t cls = 0, sep = 0, pad = 0;

    CaptionedVideo video(std::int64_t index) const
    {
        const auto at = static_cast<std::size_t>(index);
        const store::ShardVideo stored = captions.video(shardIndex.at(at));
        return { stored.videoId, stored.name, stored.contentHash, seconds[at], stored.captions };
    }
    Result<at::Tensor> vectors(const CaptionedVideo& video, std::int64_t index) const
    {
        CLIP_TRY(captions.check(shardIndex[static_cast<std::size_t>(index)]));
        return features->vectors(video.videoId, video.name, video.seconds);
    }
    /// [CLS] words [SEP]; returns how many ids these are.
    std::int64_t writeText(const CaptionedVideo& video, const ClipPair& pair,
        std::int64_t maxTokens, std::int64_t* ids) const
    {
        std::int64_t words = 0;
        ids[0] = cls;
        for (std::int64_t at = pair.captionBegin; at < pair.captionEnd; ++at)
            for (const std::int32_t id : video.captions[static_cast<std::size_t>(at)].ids)
                if (words < maxTokens)
                    ids[++words] = id;
        ids[words + 1] = sep;
        return words + 2;
    }
};

std::int64_t Batch::size() const
{
    return ids.size(0);
}

TrainingSet::TrainingSet(std::unique_ptr<const Impl> impl)
    : m_impl(std::move(impl))
{
}
TrainingSet::TrainingSet(TrainingSet&&) noexcept = default;
TrainingSet& TrainingSet::operator=(TrainingSet&&) noexcept = default;
TrainingSet::~TrainingSet() = default;

std::unique_ptr<TrainingSet::Impl> TrainingSet::make(std::unique_ptr<const FeatureSource> features,
    store::CaptionShard captions, const std::string& encoder, const text::WordPiece& words)
{
    return std::make_unique<Impl>(Impl{ std::move(features), std::move(captions), {}, {}, 0, 0,
        encoder, words.clsId(), words.sepId(), words.padId() });
}

Result<TrainingSet> TrainingSet::open(const store::Project& project, const std::string& encoder,
    const text::WordPiece& words, const CaptionConfig& config)
{
    auto reader = store::FeatureReader::open(project.featuresFolder(encoder));
    if (!reader && reader.error().kind == ErrorKind::NotFound)
        reader.error().hint = "Run `clipscope-cli extract` with --encoder " + encoder + " first.";
    if (!reader)
        return fail(std::move(reader).error());
    CLIP_TRY_ASSIGN(auto captions, openProjectCaptions(project, words, config));
    CLIP_TRY_ASSIGN(const std::int64_t videos, project.catalogue().videoCount());
    auto features = std::make_unique<const ShardFeatures>(std::move(*reader));
    const store::FeatureReader& shards = features->reader();
    auto impl = make(std::move(features), std::move(captions), encoder, words);
    impl->withoutCaptions = videos - impl->captions.videoCount();
    for (std::int64_t at = 0; at < impl->captions.videoCount(); ++at) {
        const store::ShardVideo video = impl->captions.video(at);
        const auto view = shards.find(video.videoId);
        if (!view || view->contentHash != video.contentHash || view->seconds < 1) {
            ++impl->withoutFeatures;
            continue;
        }
        impl->shardIndex.push_back(static_cast<std::uint32_t>(at));
        impl->seconds.push_back(static_cast<std::uint32_t>(view->seconds));
    }
    if (impl->shardIndex.empty())
        return fail(ErrorKind::NotFound,
            "No video can be trained on: " + std::to_string(impl->withoutCaptions)
                + " have no captions, " + std::to_string(impl->withoutFeatures)
                + " have captions but no " + encoder + " features.",
            { project.folder(), {} },
            impl->withoutFeatures > 0 ? "Run `clipscope-cli extract` first."
                                      : "Give captions with `clipscope-cli import --captions`.");
    return TrainingSet(std::unique_ptr<const Impl>(std::move(impl)));
}

Result<TrainingSet> TrainingSet::openSource(const store::Project& project, std::string_view source,
    const text::WordPiece& words, CaptionConfig config)
{
    config.deduplicate = true;
    const NamedSource files = namedSource(project, source);
    const std::string import
        = "Import them with `clipscope-cli import --" + std::string(source) + " FILE`.";
    auto captions = store::CaptionShard::open(files.captions);
    if (!captions && captions.error().kind == ErrorKind::NotFound)
        captions.error().hint = import;
    if (!captions)
        return fail(std::move(captions).error());
    if (captions->origin().fingerprint != captionFingerprint(words, config))
        return fail(ErrorKind::Conflict,
            "The captions were tokenised with another vocabulary or cut at other lengths.",
            { files.captions, {} }, "Import them again with these, or train with theirs.");
    auto adopted = store::readAdoptedFeatures(files.features);
    if (!adopted && adopted.error().kind == ErrorKind::NotFound)
        adopted.error().hint = "Name their folder with `clipscope-cli import --features FOLDER`.";
    if (!adopted)
        return fail(std::move(adopted).error());
    if (adopted->content != captions->origin().content
        || static_cast<std::int64_t>(adopted->seconds.size()) != captions->videoCount())
        return fail(ErrorKind::Conflict, "The features were adopted for other captions.",
            { files.features, {} }, "Import the features again.");
    auto impl = make(std::make_unique<const FolderFeatures>(*adopted), std::move(*captions),
        adopted->encoder, words);
    for (std::int64_t at = 0; at < impl->captions.videoCount(); ++at) {
        const std::uint32_t seconds = adopted->seconds[static_cast<std::size_t>(at)];
        if (seconds == 0) {
            ++impl->withoutFeatures;
            continue;
        }
        impl->shardIndex.push_back(static_cast<std::uint32_t>(at));
        impl->seconds.push_back(seconds);
    }
    if (impl->shardIndex.empty())
        return fail(ErrorKind::NotFound, "None of the captioned videos has features.",
            { files.features, {} }, "Import the features again.");
    return TrainingSet(std::unique_ptr<const Impl>(std::move(impl)));
}

std::int64_t TrainingSet::count() const
{
    return static_cast<std::int64_t>(m_impl->shardIndex.size());
}
CaptionedVideo TrainingSet::video(std::int64_t index) const
{
    return m_impl->video(index);
}
std::int64_t TrainingSet::featureWidth() const
{
    return m_impl->features->width();
}
std::string TrainingSet::encoder() const
{
    return m_impl->encoder;
}
std::string TrainingSet::encoderFingerprint() const
{
    return m_impl->features->fingerprint();
}
std::int64_t TrainingSet::withoutCaptions() const
{
    return m_impl->withoutCaptions;
}
std::int64_t TrainingSet::withoutFeatures() const
{
    return m_impl->withoutFeatures;
}

Result<Batch> TrainingSet::batch(std::span<const ClipPair> pairs, std::int64_t maxTokens) const
{
    CLIP_REQUIRE(!pairs.empty() && maxTokens > 0, std::to_string(pairs.size()));
    const auto B = static_cast<std::int64_t>(pairs.size());
    std::int64_t L = 0, T = 1;
    for (const ClipPair& pair : pairs) {
        L = std::max(L, tokenCount(video(pair.video), pair.captionBegin, pair.captionEnd));
        T = std::max(T, pair.secondEnd - pair.secondBegin);
    }
    L = std::min(L, maxTokens) + 2;

    // Filled row by row below, each small enough for LibTorch to stay on this thread: the others
    // compute.
    const std::int64_t width = featureWidth();
    Batch batch{ at::empty({ B, L }, at::kLong), at::empty({ B, L }, at::kBool),
        at::empty({ B, T, width }, at::kFloat), at::empty({ B, T }, at::kBool) };
    auto* ids = batch.ids.data_ptr<std::int64_t>();
    auto* textMask = batch.textMask.data_ptr<bool>();
    auto* features = batch.features.data_ptr<float>();
    auto* videoMask = batch.videoMask.data_ptr<bool>();
    std::fill_n(ids, B * L, m_impl->pad);
    std::fill_n(textMask, B * L, false);
    std::fill_n(videoMask, B * T, false);
    CaptionedVideo video;
    at::Tensor vectors; // of `video`: pairs of one video mostly stand together
    for (std::int64_t row = 0; row < B; ++row) {
        const ClipPair& pair = pairs[static_cast<std::size_t>(row)];
        if (row == 0 || pair.video != pairs[static_cast<std::size_t>(row - 1)].video) {
            video = m_impl->video(pair.video);
            CLIP_TRY_ASSIGN(vectors, m_impl->vectors(video, pair.video));
        }
        std::fill_n(
            textMask + row * L, m_impl->writeText(video, pair, maxTokens, ids + row * L), true);
        CLIP_REQUIRE(
            pair.secondBegin >= 0 && pair.secondEnd <= video.seconds, std::string(video.name));
        const std::int64_t seconds = pair.secondEnd - pair.secondBegin;
        batch.features[row]
            .narrow(0, 0, seconds)
            .copy_(vectors.narrow(0, pair.secondBegin, seconds));
        std::fill_n(features + (row * T + seconds) * width, (T - seconds) * width, 0.0f);
        std::fill_n(videoMask + row * T, seconds, true);
    }
    return batch;
}

} // namespace clipscope::data
