#include "jobs/bench_search.h"

#include "base/files.h"
#include "base/guarded.h"
#include "base/half.h"
#include "base/hash.h"
#include "base/random.h"
#include "features/extract.h"
#include "media/frame_sampler.h"
#include "retrieval/vector_index.h"
#include "store/feature_shards.h"
#include "tasks/moments.h"
#include "tasks/score_blocks.h"
#include "tensor/device.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <numeric>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace clipscope::jobs {

namespace {

namespace fs = std::filesystem;
constexpr std::int64_t secondsPerVideo = 360;

double secondsOf(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The same rows in the three forms, and a query.
struct GeneratedStates
{
    std::vector<std::uint16_t> halves;
    std::vector<float> query;
    std::vector<float> scores;
    std::vector<tasks::ScoreBlock> blocks;
};

GeneratedStates generate(std::int64_t seconds, std::int64_t width)
{
    GeneratedStates states;
    const auto D = static_cast<std::size_t>(width), N = static_cast<std::size_t>(seconds);
    Random random({ 17 });
    // A pool of values is enough: what is measured does not look at them.
    std::vector<std::uint16_t> pool(1 << 16);
    for (auto& half : pool)
        half = halfFromFloat(static_cast<float>(random.uniform() - 0.5));
    states.halves.resize(N * D);
    for (std::size_t i = 0; i < states.halves.size(); ++i)
        states.halves[i] = pool[(i * 2654435761U >> 7) & 0xffff];
    states.query.resize(D);
    for (auto& value : states.query)
        value = static_cast<float>(random.uniform() - 0.5);
    states.scores.resize(N);
    for (std::size_t first = 0; first < N; first += secondsPerVideo) {
        const std::size_t count = std::min<std::size_t>(secondsPerVideo, N - first);
        states.blocks.push_back({ std::span(states.halves).subspan(first * D, count * D),
            std::span(states.scores).subspan(first, count) });
    }
    return states;
}

Result<std::vector<Measurement>> benchQuery(const BenchSearchSettings& settings, JobContext context)
{
    const tensor::InferenceScope inference;
    GeneratedStates states = generate(settings.seconds, settings.width);
    auto rows = at::from_blob(
        states.halves.data(), { settings.seconds, settings.width }, at::TensorOptions(at::kHalf));
    const auto query = at::from_blob(states.query.data(), { settings.width }, at::kFloat);
    const auto rowsBFloat16 = rows.to(at::kBFloat16), queryBFloat16 = query.to(at::kBFloat16);
    CLIP_TRY_ASSIGN(auto index, retrieval::VectorIndex::create(static_cast<int>(settings.width)));
    for (std::int64_t first = 0; first < settings.seconds; first += 10'000) {
        const auto part
            = rows.slice(0, first, std::min(first + 10'000, settings.seconds)).to(at::kFloat);
        std::vector<std::int64_t> ids(static_cast<std::size_t>(part.size(0)));
        std::iota(ids.begin(), ids.end(), first);
        CLIP_TRY(index.add(
            ids, { part.const_data_ptr<float>(), static_cast<std::size_t>(part.numel()) }));
    }
    std::vector<double> best(4, std::numeric_limits<double>::infinity());
    const std::function<void()> works[] = {
        [&] {
            tasks::scoreBlocks(states.blocks, states.query);
            std::vector<tasks::Moment> all;
            for (std::size_t v = 0; v < states.blocks.size(); ++v) {
                const auto moments
                    = tasks::momentsOf(static_cast<std::int64_t>(v), states.blocks[v].scores, {});
                all.insert(all.end(), moments.begin(), moments.end());
            }
            tasks::orderMoments(all, 20);
        },
        [&] { tasks::scoreBlocks(states.blocks, states.query); },
        [&] { (void)at::mv(rowsBFloat16, queryBFloat16); },
        [&] { (void)index.search(states.query, 20); },
    };
    for (std::int64_t round = 0; round < settings.rounds; ++round)
        for (std::size_t i = 0; i < best.size(); ++i) {
            if (context.stop.stop_requested())
                return fail(ErrorKind::Cancelled, "The measurement was stopped.");
            context.progress.report({ "query", round * 4 + static_cast<std::int64_t>(i),
                settings.rounds * 4, "queries", 0.0, "" });
            best[i] = std::min(best[i], 1000.0 * secondsOf(works[i]));
        }
    const std::string faiss = "query, FAISS float32";
    return std::vector<Measurement>{
        { "query, with moments", best[0], "ms", best[0] / best[3], faiss },
        { "query, binary16 in place", best[1], "ms", best[1] / best[3], faiss },
        { "query, LibTorch bfloat16", best[2], "ms", best[2] / best[3], faiss },
        { faiss, best[3], "ms", 0.0, "" },
    };
}

Result<std::vector<features::ExtractItem>> filmsIn(const fs::path& folder, JobContext context)
{
    std::vector<features::ExtractItem> items;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(folder, error))
        if (entry.is_regular_file(error))
            if (const auto info = media::probe(entry.path(), context.stop))
                items.push_back({ 0, {}, entry.path(), info->durationSeconds });
    std::sort(
        items.begin(), items.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    for (std::size_t i = 0; i < items.size(); ++i) {
        items[i].videoId = static_cast<std::int64_t>(i) + 1;
        items[i].contentHash = std::to_string(i);
    }
    if (items.empty())
        return fail(ErrorKind::NotFound, "There are no videos to measure with.", { folder, {} });
    return items;
}

/// Does ffmpeg -i FILE -vf fps=1,scale=224:224 -f null - ; false when it is not installed.
bool runFfmpeg(const fs::path& file)
{
    const std::string path = utf8(file);
    const char* arguments[] = { "ffmpeg", "-v", "quiet", "-nostdin", "-i", path.c_str(), "-an",
        "-vf", "fps=1,scale=224:224", "-pix_fmt", "rgb24", "-f", "null", "-", nullptr };
    pid_t child = 0;
    if (posix_spawnp(&child, "ffmpeg", nullptr, nullptr, const_cast<char**>(arguments), environ)
        != 0)
        return false;
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

/// An encoder with made-up weights would do as well, but the starter's is there when films are.
Result<std::vector<Measurement>> benchExtract(
    const BenchSearchSettings& settings, JobContext context)
{
    CLIP_TRY_ASSIGN(const auto items, filmsIn(pathFromUtf8(settings.films), context));
    CLIP_TRY_ASSIGN(const auto compute,
        tensor::resolveCompute(tensor::DeviceWish::Auto, tensor::PrecisionWish::Auto));
    CLIP_TRY_ASSIGN(const auto encoder,
        features::loadEncoder(features::encoderNames().front(), modelsFolder(), compute));
    std::int64_t seconds = 0;
    double decode = std::numeric_limits<double>::infinity(), network = decode, both = decode,
           ffmpeg = decode;
    const auto decodeAll = [&] {
        seconds = 0;
        for (const auto& item : items) {
            auto sampler = media::FrameSampler::open(item.path, encoder->plan(), context.stop);
            while (sampler) {
                const auto second = sampler->next(context.stop);
                if (!second || !*second)
                    break;
                ++seconds;
            }
        }
    };
    const auto encodeAll = [&] {
        const std::int64_t B = encoder->preferredBatch();
        const auto frames = at::zeros({ B, 1, 224, 224, 3 }, at::kByte);
        for (std::int64_t done = 0; done < seconds; done += B)
            (void)encoder->encode(frames.slice(0, 0, std::min(B, seconds - done)));
    };
    Status extracted;
    const fs::path folder
        = fs::temp_directory_path() / ("clipscope-bench-" + std::to_string(getpid()));
    const auto extractAll = [&] {
        auto writer = store::FeatureWriter::open(
            folder, { encoder->name(), encoder->fingerprint(), encoder->dim(), {} });
        if (!writer) {
            extracted = fail(writer.error());
            return;
        }
        const auto report = features::extract(items, *encoder, *writer, {}, { context.stop });
        if (!report)
            extracted = fail(report.error());
    };
    bool hasFfmpeg = true;
    for (std::int64_t round = 0; round < std::min<std::int64_t>(settings.rounds, 3); ++round) {
        if (context.stop.stop_requested())
            return fail(ErrorKind::Cancelled, "The measurement was stopped.");
        context.progress.report({ "extract", round, 3, "rounds", 0.0, "" });
        decode = std::min(decode, secondsOf(decodeAll));
        network = std::min(network, secondsOf(encodeAll));
        both = std::min(both, secondsOf(extractAll));
        ffmpeg = std::min(ffmpeg, secondsOf([&] {
            for (const auto& item : items)
                hasFfmpeg = runFfmpeg(item.path) && hasFfmpeg;
        }));
        std::error_code error;
        fs::remove_all(folder, error);
        CLIP_TRY(extracted);
    }
    const auto rate = [&](double time) { return static_cast<double>(seconds) / time; };
    std::vector<Measurement> all{
        { "decode and scale", rate(decode), "seconds/s", hasFfmpeg ? ffmpeg / decode : 0.0,
            "ffmpeg, the same" },
        { "network", rate(network), "seconds/s", 0.0, "" },
        { "extraction", rate(both), "seconds/s", std::max(decode, network) / both,
            "the slower of the two" },
    };
    if (hasFfmpeg)
        all.push_back({ "ffmpeg, the same", rate(ffmpeg), "seconds/s", 0.0, "" });
    return all;
}

} // namespace

void describe(SettingsVisitor& visitor, BenchSearchSettings& settings)
{
    visitor.field("bench.query-seconds", settings.seconds, { 0, 10'000'000 }, "seconds",
        SettingLevel::Expert, "Generated seconds that a query is measured on; 0 leaves it out.");
    visitor.field("bench.query-width", settings.width, { 1, 4096 }, "numbers", SettingLevel::Expert,
        "Numbers per generated second.");
    visitor.field("bench.query-rounds", settings.rounds, { 1, 1000 }, "rounds",
        SettingLevel::Expert, "Rounds of the query and extraction measurements.");
    visitor.field("bench.films", settings.films, SettingLevel::Basic,
        "Folder of videos that extraction is measured on; empty leaves it out.");
}

Result<std::vector<Measurement>> runBenchSearch(
    const BenchSearchSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<std::vector<Measurement>> {
        std::vector<Measurement> all;
        if (settings.seconds > 0) {
            CLIP_TRY_ASSIGN(all, benchQuery(settings, context));
        }
        if (!settings.films.empty()) {
            CLIP_TRY_ASSIGN(const auto extraction, benchExtract(settings, context));
            all.insert(all.end(), extraction.begin(), extraction.end());
        }
        return all;
    });
}

} // namespace clipscope::jobs
