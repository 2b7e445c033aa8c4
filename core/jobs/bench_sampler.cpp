#include "jobs/bench_parts.h"

#include "base/random.h"
#include "data/batch_loader.h"
#include "data/clip_sampler.h"
#include "data/epoch.h"
#include "data/named_source.h"
#include "data/training_set.h"
#include "jobs/bench_scratch.h"
#include "model/video_clip.h"
#include "store/project.h"
#include "tensor/npy.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace clipscope::jobs {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t featureFiles = 1024, featureWidth = 512;
constexpr std::int64_t batchVideos = 32, pairsPerVideo = 16, maxTokens = 61;

struct Resident
{
    double all = 0.0, ofFiles = 0.0; ///< bytes
};

Resident resident()
{
    std::ifstream stream("/proc/self/statm");
    double size = 0.0, all = 0.0, shared = 0.0;
    stream >> size >> all >> shared;
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    return { all * page, shared * page };
}

std::string nameOf(std::int64_t file)
{
    char name[32];
    std::snprintf(name, sizeof(name), "video%06lld", static_cast<long long>(file));
    return name; // as long as an id of HowTo100M
}

std::int64_t featureSeconds(std::int64_t file)
{
    return 240 + file * 7919 % 301; // 390 on average
}

/// A source of the asked size. Its videos share a thousand real feature files by their names.
Status generate(const store::Project& project, const fs::path& folder, std::int64_t videos,
    const text::WordPiece& words, JobContext context)
{
    fs::create_directories(folder);
    for (std::int64_t file = 0; file < featureFiles; ++file)
        CLIP_TRY(tensor::writeNpy(folder / (nameOf(file) + ".npy"),
            at::randn({ featureSeconds(file), featureWidth }).to(at::kHalf)));
    const data::NamedSource files = data::namedSource(project, "howto100m");
    CLIP_TRY_ASSIGN(auto writer, store::CaptionShardWriter::create(files.captions));
    Random random({ 23 });
    std::vector<std::int32_t> pool(1 << 16);
    for (auto& id : pool)
        id = static_cast<std::int32_t>(random.uniformInteger(1000, madeUpWordCount - 1));
    store::AdoptedFeatures adopted{ folder.string(), "s3d", "generated", featureWidth, {} };
    store::CaptionTable table;
    for (std::int64_t video = 0; video < videos; ++video) {
        if (video % 4096 == 0) {
            if (context.stop.stop_requested())
                return fail(ErrorKind::Cancelled, "The measurement was stopped.");
            context.progress.report({ "generate", video, videos, "videos", 0.0, {} });
        }
        const std::int64_t file = video % featureFiles, seconds = featureSeconds(file);
        const std::int64_t captions = random.uniformInteger(60, 160); // 110 on average
        const double each = static_cast<double>(seconds) / static_cast<double>(captions);
        table.clear();
        for (std::int64_t at = 0; at < captions; ++at) {
            const double start = each * static_cast<double>(at);
            const auto tokens = static_cast<std::size_t>(random.uniformInteger(3, 14));
            const auto first = static_cast<std::size_t>(random.uniformInteger(0, 65'000));
            table.add(start, start + 1.2 * each, std::span(pool).subspan(first, tokens));
        }
        const std::string name = nameOf(file);
        CLIP_TRY(writer.append(video, name, std::to_string(video), table.list()));
        adopted.seconds.push_back(static_cast<std::uint32_t>(seconds));
    }
    CLIP_TRY(
        writer.commit({ data::captionFingerprint(words, { .deduplicate = true }), "generated" }));
    return store::writeAdoptedFeatures(files.features, adopted);
}

/// What the batches cost.
struct BatchTimes
{
    double drawSeconds = 0.0, makeSeconds = 0.0, worstSeconds = 0.0; ///< all, all, of one batch
};

class SamplerBench final
{
public:
    SamplerBench(const data::TrainingSet& set, data::ClipSampler sampler,
        std::vector<std::vector<std::int64_t>> order)
        : m_set(set)
        , m_sampler(sampler)
        , m_order(std::move(order))
    {
    }

    std::vector<data::ClipPair> draw(std::int64_t batch) const
    {
        std::vector<data::ClipPair> pairs;
        for (const std::int64_t index : m_order[static_cast<std::size_t>(batch) % m_order.size()])
            m_sampler.sample(m_set.video(index), index, { 1, 1 }, pairs);
        return pairs;
    }
    Result<BatchTimes> batches(std::int64_t count, JobContext context) const
    {
        BatchTimes times;
        for (std::int64_t at = 0; at < count; ++at) {
            if (context.stop.stop_requested())
                return fail(ErrorKind::Cancelled, "The measurement was stopped.");
            context.progress.report({ "batches", at, count, "batches", 0.0, {} });
            std::vector<data::ClipPair> pairs;
            Result<data::Batch> batch;
            const double drawing = secondsOf([&] { pairs = draw(at); });
            const double making = secondsOf([&] { batch = m_set.batch(pairs, maxTokens); });
            CLIP_TRY(batch);
            times.drawSeconds += drawing;
            times.makeSeconds += making;
            times.worstSeconds = std::max(times.worstSeconds, drawing + making);
        }
        return times;
    }

private:
    const data::TrainingSet& m_set;
    data::ClipSampler m_sampler;
    std::vector<std::vector<std::int64_t>> m_order;
};

/// The network of a training with the default settings.
model::VideoClip defaultNetwork()
{
    model::VideoClipConfig config;
    model::BertConfig bert{ .vocabulary = madeUpWordCount,
        .width = 256,
        .layers = 2,
        .heads = 4,
        .feedForward = 1024,
        .positions = 64 };
    config.text.bert = config.video.bert = bert;
    config.video.inputWidth = featureWidth;
    config.video.clsId = 2;
    config.video.sepId = 3;
    model::VideoClip network(config);
    network.parameters().initialise(Random({ 5 }));
    network.parameters().setRequiresGrad(true);
    network.setTraining(true);
    return network;
}

/// Seconds of a step's forward and backward pass, and of waiting for its batch.
Result<std::pair<double, double>> stepsWithLoader(
    const data::TrainingSet& set, const SamplerBench& bench, JobContext context)
{
    constexpr std::int64_t steps = 3;
    model::VideoClip network = defaultNetwork();
    data::BatchLoader loader(set, maxTokens);
    loader.prepare(bench.draw(0));
    double computing = 0.0, waitedAtFirst = 0.0;
    for (std::int64_t step = 0; step < steps; ++step) {
        if (context.stop.stop_requested())
            return fail(ErrorKind::Cancelled, "The measurement was stopped.");
        context.progress.report({ "steps", step, steps, "steps", 0.0, {} });
        CLIP_TRY_ASSIGN(const data::Batch batch, loader.take());
        if (step == 0)
            waitedAtFirst = loader.waitedSeconds(); // nothing was computed meanwhile
        if (step + 1 < steps)
            loader.prepare(bench.draw(step + 1));
        computing += secondsOf([&] {
            network.parameters().dropGradients();
            const at::Tensor video = network.video().encode(batch.features, batch.videoMask);
            const at::Tensor text = network.text().encode(batch.ids, batch.textMask);
            model::contrastiveLoss(video, text).total.backward();
        });
    }
    return std::pair(computing / static_cast<double>(steps),
        (loader.waitedSeconds() - waitedAtFirst) / static_cast<double>(steps - 1));
}

} // namespace

Result<std::vector<Measurement>> benchSampler(const BenchSettings& settings, JobContext context)
{
    const Resident before = resident();
    const ScratchFolder scratch;
    CLIP_TRY(scratch.made());
    CLIP_TRY_ASSIGN(const auto words, madeUpWords());
    CLIP_TRY_ASSIGN(const auto project, store::Project::create(scratch.path() / "p.clipscope"));
    CLIP_TRY(
        generate(project, scratch.path() / "features", settings.sampledVideos, words, context));

    std::optional<data::TrainingSet> set;
    Status opened;
    const double openSeconds = secondsOf([&] {
        auto result = data::TrainingSet::openSource(project, "howto100m", words, {});
        if (result)
            set = std::move(*result);
        else
            opened = fail(result.error());
    });
    CLIP_TRY(opened);
    const Resident open = resident();
    data::Split split;
    std::vector<std::vector<std::int64_t>> order;
    const double orderSeconds = secondsOf([&] {
        split = data::splitOf(*set, 1, 0.0036, 10); // 4,000 of 1.1 million
        order = data::shuffledBatches(split.training, batchVideos, { 1, 1 });
    });
    CLIP_TRY_ASSIGN(
        const auto sampler, data::ClipSampler::create({ .pairsPerVideo = pairsPerVideo }));
    const SamplerBench bench(*set, sampler, std::move(order));
    CLIP_TRY_ASSIGN(const BatchTimes times, bench.batches(settings.sampledBatches, context));
    const Resident sampled = resident();
    CLIP_TRY_ASSIGN(const auto step, stepsWithLoader(*set, bench, context));

    CLIP_TRY_ASSIGN(const auto shard,
        store::CaptionShard::open(data::namedSource(project, "howto100m").captions));
    const auto videos = static_cast<double>(set->count());
    const auto batches = static_cast<double>(settings.sampledBatches);
    const auto line = [](const char* name, double value, const char* unit) {
        return Measurement{ name, value, unit, 0.0, {}, {} };
    };
    std::vector<Measurement> lines{
        line("videos, generated", videos, "videos"),
        line("captions, generated", static_cast<double>(shard.captionCount()), "captions"),
        line("shard on disk", 1e-9 * static_cast<double>(fs::file_size(shard.file())), "GB"),
        line("opened", openSeconds, "s"),
        line("split and order of an epoch", orderSeconds, "s"),
        line("resident per video when open", (open.all - before.all) / videos, "bytes"),
        line("resident per video after the batches", (sampled.all - before.all) / videos, "bytes"),
        line(
            "of these pages of mapped files", (sampled.ofFiles - before.ofFiles) / videos, "bytes"),
        line("512 pairs drawn", 1000.0 * times.drawSeconds / batches, "ms"),
        line("512 pairs as tensors", 1000.0 * times.makeSeconds / batches, "ms"),
        line("slowest batch", 1000.0 * times.worstSeconds, "ms"),
        line("step of the default model", 1000.0 * step.first, "ms"),
        line("wait for a batch made ahead", 1000.0 * step.second, "ms"),
    };
    compare(lines, "wait for a batch made ahead", "step of the default model");
    return lines;
}

} // namespace clipscope::jobs
