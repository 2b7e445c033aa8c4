#include "jobs/bench_parts.h"

#include "base/half.h"
#include "base/random.h"
#include "jobs/bench_scratch.h"
#include "labels/compare.h"
#include "model/towers.h"
#include "store/feature_shards.h"
#include "store/project.h"
#include "tasks/labelling.h"
#include "tasks/search_session.h"
#include "tasks/text_side.h"
#include "tensor/device.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <limits>
#include <optional>

namespace clipscope::jobs {

namespace {

constexpr int wordsPerWording = 5;
constexpr const char* encoderName = "generated";

/// The paper's text tower with random weights over made-up words; states are the features.
class GeneratedModel final : public tasks::EmbeddingModel
{
public:
    explicit GeneratedModel(text::WordPiece words)
        : m_tower(model::TextTowerConfig{})
        , m_words(std::move(words))
    {
        m_tower.parameters().initialise(Random({ 31 }));
        m_tower.setTraining(false);
        m_info.name = "generated";
        m_info.title = "Generated";
        m_info.kind = tasks::CheckpointKind::VideoClip;
        m_info.encoder = encoderName;
    }
    const tasks::CheckpointInfo& info() const override { return m_info; }
    std::string fingerprint() const override { return "generated"; }
    int dim() const override { return static_cast<int>(m_tower.config().bert.width); }
    int featureDim() const override { return dim(); }
    float weakBelow() const override { return -std::numeric_limits<float>::infinity(); }
    at::Tensor secondStates(const at::Tensor& features) const override
    {
        return features.to(at::kFloat);
    }
    Result<tasks::EmbeddedTexts> embedTexts(std::span<const std::string> texts) const override
    {
        CLIP_TRY_ASSIGN(auto embedded, tasks::embedThrough(m_words, m_tower, texts));
        return tasks::EmbeddedTexts{ std::move(embedded.vectors), {}, std::move(embedded.cut) };
    }

private:
    model::TextTower m_tower;
    text::WordPiece m_words;
    tasks::CheckpointInfo m_info;
};

/// A project of one video whose seconds are noise. Returns its id.
Result<std::int64_t> generateVideo(
    const std::filesystem::path& folder, std::int64_t seconds, std::int64_t width)
{
    CLIP_TRY_ASSIGN(auto project, store::Project::create(folder));
    CLIP_TRY_ASSIGN(auto writer,
        store::FeatureWriter::open(project.featuresFolder(encoderName),
            { encoderName, "generated", width, Json::object() }));
    store::NewVideo video;
    video.record.contentHash = "generated";
    video.record.path = "/generated.mp4";
    video.record.durationSeconds = static_cast<double>(seconds);
    CLIP_TRY_ASSIGN(const std::int64_t id, project.catalogue().addVideo(video));
    Random random({ 19 });
    std::vector<std::uint16_t> halves(static_cast<std::size_t>(seconds * width));
    for (auto& half : halves)
        half = halfFromFloat(static_cast<float>(random.uniform() - 0.5));
    CLIP_TRY(writer.append(id, video.record.contentHash, halves, seconds));
    return id;
}

std::string madeUpWording(Random& random)
{
    std::string wording;
    for (int i = 0; i < wordsPerWording; ++i)
        wording.append("w")
            .append(std::to_string(random.uniformInteger(5, madeUpWordCount - 1)))
            .append(" ");
    return wording;
}

labels::LabelSet madeUpLabels(std::int64_t count, Random& random)
{
    labels::LabelSet set;
    set.name = "generated";
    for (std::int64_t i = 0; i < count; ++i) {
        labels::Label& label = set.labels.emplace_back();
        label.name = std::to_string(i);
        label.wordings = { madeUpWording(random) };
    }
    return set;
}

/// Everything that a person may set, so that nothing is left out.
labels::SegmenterOptions everyOption()
{
    labels::SegmenterOptions options;
    options.smoothingSeconds = 5;
    options.minimumSeconds = 3;
    options.changeCost = 0.5;
    return options;
}

/// A tier of 5,000 segments of 2 seconds on average, as a person may have drawn them.
std::vector<labels::LabelledSpan> madeUpTier(double durationSeconds, Random random)
{
    constexpr int segments = 5000;
    std::vector<labels::LabelledSpan> spans;
    for (int i = 0; i < segments; ++i) {
        const double start = durationSeconds * i / segments;
        spans.push_back(
            { start, start + (0.5 + 0.5 * random.uniform()) * durationSeconds / segments,
                std::to_string(random.uniformInteger(0, 49)) });
    }
    return spans;
}

} // namespace

Result<std::vector<Measurement>> benchLabelling(const BenchSettings& settings, JobContext context)
{
    const ScratchFolder scratch;
    CLIP_TRY(scratch.made());
    CLIP_TRY_ASSIGN(auto words, madeUpWords());
    auto model = std::make_unique<GeneratedModel>(std::move(words));
    const auto folder = scratch.path() / "p.clipscope";
    CLIP_TRY_ASSIGN(
        const std::int64_t id, generateVideo(folder, settings.labelledSeconds, model->dim()));
    CLIP_TRY_ASSIGN(const auto project, store::Project::open(folder, store::Access::ReadOnly));
    CLIP_TRY_ASSIGN(const auto session,
        tasks::SearchSession::open(project, std::move(model), { .stop = context.stop }));

    Random random({ 23 });
    labels::LabelSet set = madeUpLabels(settings.labels, random);
    std::optional<tasks::Labeller> fresh;
    tasks::Labeller kept(session);
    CLIP_TRY(kept.setLabelSet(set));
    const auto label = [&](tasks::Labeller& labeller) -> Status {
        CLIP_TRY(labeller.setLabelSet(set));
        CLIP_TRY(labeller.label(id, everyOption()));
        return {};
    };
    const auto duration = static_cast<double>(settings.labelledSeconds);
    const auto hand = madeUpTier(duration, Random({ 1 })),
               other = madeUpTier(duration, Random({ 2 }));
    const auto frames = labels::FrameGrid::regular(duration);
    const int threads = at::get_num_threads();
    std::vector<Contestant> all{
        { "a video labelled, everything new", "ms", 0.0,
            [&] {
                fresh.emplace(session);
                return label(*fresh);
            } },
        { "labelled again, one wording edited", "ms", 0.0,
            [&] {
                set.labels[0].wordings = { madeUpWording(random) };
                tensor::useThreads(1); // as the window does
                Status done = label(kept);
                tensor::useThreads(threads);
                return done;
            } },
        { "the same with all threads", "ms", 0.0,
            [&] {
                set.labels[0].wordings = { madeUpWording(random) };
                return label(kept);
            } },
        { "labelled again, an option changed", "ms", 0.0, [&] { return label(kept); } },
        { "figures of two tiers of 5,000 segments", "ms", 0.0,
            sure([&] { (void)labels::compare(hand, other, frames); }) },
        { "of them the edit score", "ms", 0.0,
            sure([&] { (void)labels::editScore(hand, other); }) },
    };
    CLIP_TRY(race(all, "labelling", settings.rounds, context));
    std::vector<Measurement> lines;
    lines.reserve(all.size());
    for (const Contestant& one : all)
        lines.push_back({ one.name, 1000.0 * one.best, one.unit, 0.0, {}, {} });
    return lines;
}

} // namespace clipscope::jobs
