#include "data/training_set.h"

#include "base/files.h"
#include "base/random.h"
#include "base/require.h"
#include "data/clip_sampler.h"
#include "store/feature_shards.h"
#include "store/project.h"
#include "text/deduplicate.h"
#include "text/unicode.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace clipscope::data {

struct TrainingSet::Impl
{
    store::FeatureReader features;
    std::vector<CaptionedVideo> videos;
    std::int64_t withoutCaptions = 0, withoutFeatures = 0;
    std::int64_t cls = 0, sep = 0, pad = 0;
};

namespace {

std::vector<TokenCaption> tokensOf(const std::vector<store::CaptionRecord>& records,
    std::int64_t videoId, const text::WordPiece& words, const CaptionConfig& config)
{
    std::vector<text::Caption> captions;
    for (const store::CaptionRecord& record : records)
        captions.push_back({ record.startSeconds, record.stopSeconds, record.text });
    if (config.deduplicate) {
        Random coins({ 0x6465647570, static_cast<std::uint64_t>(videoId) });
        captions = text::deduplicate(captions, [&] { return coins.coin(); });
    }
    std::vector<TokenCaption> tokens;
    const auto limit = static_cast<std::size_t>(config.maxTokens);
    for (const text::Caption& caption : captions) {
        const std::string_view cut = std::string_view(caption.text)
                                         .substr(0,
                                             text::bytesOfCodePoints(caption.text,
                                                 static_cast<std::size_t>(config.maxCharacters)));
        TokenCaption token{ caption.startSeconds, caption.stopSeconds, {} };
        words.append(cut, token.ids, limit);
        token.ids.resize(std::min(token.ids.size(), limit));
        if (!token.ids.empty())
            tokens.push_back(std::move(token));
    }
    return tokens;
}

} // namespace

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

Result<TrainingSet> TrainingSet::open(const store::Project& project, const std::string& encoder,
    const text::WordPiece& words, const CaptionConfig& config)
{
    CLIP_TRY_ASSIGN(auto features, store::FeatureReader::open(project.featuresFolder(encoder)));
    auto impl = std::make_unique<Impl>(Impl{ std::move(features), {} });
    impl->cls = words.clsId();
    impl->sep = words.sepId();
    impl->pad = words.padId();
    CLIP_TRY_ASSIGN(const auto records, project.catalogue().videos());
    for (const store::VideoRecord& record : records) {
        CLIP_TRY_ASSIGN(const auto captions, project.catalogue().captions(record.id));
        CaptionedVideo video;
        video.captions = tokensOf(captions, record.id, words, config);
        if (video.captions.empty()) {
            ++impl->withoutCaptions;
            continue;
        }
        const auto view = impl->features.find(record.id);
        if (!view || view->contentHash != record.contentHash || view->seconds < 1) {
            ++impl->withoutFeatures;
            continue;
        }
        video.videoId = record.id;
        video.name = utf8(record.path.filename());
        video.contentHash = record.contentHash;
        video.seconds = view->seconds;
        impl->videos.push_back(std::move(video));
    }
    if (impl->videos.empty())
        return fail(ErrorKind::NotFound,
            "No video can be trained on: " + std::to_string(impl->withoutCaptions)
                + " have no captions, " + std::to_string(impl->withoutFeatures)
                + " have captions but no " + encoder + " features.",
            { project.folder(), {} },
            impl->withoutFeatures > 0 ? "Run `clipscope-cli extract` first."
                                      : "Give captions with `clipscope-cli import --captions`.");
    return TrainingSet(std::unique_ptr<const Impl>(std::move(impl)));
}

const std::vector<CaptionedVideo>& TrainingSet::videos() const
{
    return m_impl->videos;
}
std::int64_t TrainingSet::featureWidth() const
{
    return m_impl->features.manifest().dim;
}
std::string TrainingSet::encoderFingerprint() const
{
    return m_impl->features.manifest().fingerprint;
}
std::int64_t TrainingSet::withoutCaptions() const
{
    return m_impl->withoutCaptions;
}
std::int64_t TrainingSet::withoutFeatures() const
{
    return m_impl->withoutFeatures;
}

Batch TrainingSet::batch(std::span<const ClipPair> pairs, std::int64_t maxTokens) const
{
    CLIP_REQUIRE(!pairs.empty() && maxTokens > 0, std::to_string(pairs.size()));
    const auto videoOf = [&](const ClipPair& pair) -> const CaptionedVideo& {
        return m_impl->videos.at(static_cast<std::size_t>(pair.video));
    };
    const auto B = static_cast<std::int64_t>(pairs.size());
    std::int64_t L = 0, T = 0;
    for (const ClipPair& pair : pairs) {
        L = std::max(L, tokenCount(videoOf(pair), pair.captionBegin, pair.captionEnd));
        T = std::max(T, pair.secondEnd - pair.secondBegin);
    }
    L = std::min(L, maxTokens) + 2;

    Batch batch;
    batch.ids = at::full({ B, L }, m_impl->pad, at::kLong);
    batch.textMask = at::zeros({ B, L }, at::kBool);
    batch.features = at::zeros({ B, T, featureWidth() }, at::kFloat);
    batch.videoMask = at::zeros({ B, T }, at::kBool);
    for (std::int64_t row = 0; row < B; ++row) {
        const ClipPair& pair = pairs[static_cast<std::size_t>(row)];
        const CaptionedVideo& video = videoOf(pair);
        std::int64_t* ids = batch.ids.data_ptr<std::int64_t>() + row * L;
        std::int64_t words = 0;
        ids[0] = m_impl->cls;
        for (std::int64_t at = pair.captionBegin; at < pair.captionEnd; ++at)
            for (const std::int32_t id : video.captions[static_cast<std::size_t>(at)].ids)
                if (words < maxTokens)
                    ids[++words] = id;
        ids[words + 1] = m_impl->sep;
        batch.textMask[row].narrow(0, 0, words + 2).fill_(true);

        const auto view = m_impl->features.find(video.videoId);
        CLIP_REQUIRE(view && pair.secondBegin >= 0 && pair.secondEnd <= view->seconds, video.name);
        const std::int64_t seconds = pair.secondEnd - pair.secondBegin;
        // The mapped shard is only read from; from_blob() has no const form.
        auto* halves
            = const_cast<std::uint16_t*>(view->halves.data()) + pair.secondBegin * featureWidth();
        batch.features[row]
            .narrow(0, 0, seconds)
            .copy_(at::from_blob(halves, { seconds, featureWidth() }, at::kHalf));
        batch.videoMask[row].narrow(0, 0, seconds).fill_(true);
    }
    return batch;
}

} // namespace clipscope::data
