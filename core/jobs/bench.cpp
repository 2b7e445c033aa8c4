#include "jobs/bench_parts.h"

#include "base/guarded.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>

namespace clipscope::jobs {

namespace {

constexpr std::string_view productName = "matrix product, ";

Measurement& lineNamed(std::vector<Measurement>& lines, const std::string& name)
{
    return *std::find_if(
        lines.begin(), lines.end(), [&](const Measurement& line) { return line.name == name; });
}

Result<std::vector<Measurement>> runPart(
    BenchPart part, const BenchSettings& settings, JobContext context)
{
    switch (part) {
    case BenchPart::Encoder:
        return benchEncoder(settings, context);
    case BenchPart::Towers:
        return benchTowers(settings, context);
    case BenchPart::Train:
        return benchTrain(settings, context);
    case BenchPart::S3d:
        return benchS3d(settings, context);
    case BenchPart::Extract:
        return benchExtract(settings, context);
    case BenchPart::Tokenizer:
        return benchTokenizer(settings, context);
    case BenchPart::Search:
        return benchSearch(settings, context);
    case BenchPart::Labelling:
        return benchLabelling(settings, context);
    case BenchPart::Sampler:
        return benchSampler(settings, context);
    }
    return fail(ErrorKind::Internal, "There is no such part.");
}

} // namespace

std::vector<std::string> benchPartNames()
{
    return { "encoder", "towers", "train", "s3d", "extract", "tokenizer", "search", "labelling",
        "sampler" };
}

Json toJson(const Measurement& measurement)
{
    Json json{ { "part", measurement.part }, { "name", measurement.name },
        { "value", measurement.value }, { "unit", measurement.unit } };
    if (measurement.ratio > 0.0) {
        json["ratio"] = measurement.ratio;
        json["against"] = measurement.against;
    }
    return json;
}

void describe(SettingsVisitor& visitor, BenchSettings& settings)
{
    visitor.field("bench.rounds", settings.rounds, { 1, 1000 }, "", SettingLevel::Basic,
        "How often everything is measured; the fastest round counts.");
    visitor.field("bench.films", settings.films, SettingLevel::Basic,
        "Folder of videos that extraction is measured on.");
    visitor.field("bench.pairs", settings.pairs, { 2, 4096 }, "pairs", SettingLevel::Basic,
        "Pairs of clip and text in the batch that the towers get.");
    visitor.field("bench.device", settings.device, tensor::deviceWishNames(), SettingLevel::Basic,
        "Where encoder, towers, train and s3d run; the other parts stay on the processor.");
    visitor.field("bench.matrix-size", settings.matrixSize, { 0, 16384 }, "rows",
        SettingLevel::Expert,
        "Rows and columns of the matrices whose product stands for the peak; 0 takes what suits "
        "the device.");
    visitor.field("bench.batch-frames", settings.batchFrames, { 1, 1024 }, "frames",
        SettingLevel::Expert, "Frames the image encoder gets at once.");
    visitor.field("bench.clips", settings.clips, { 1, 256 }, "seconds", SettingLevel::Expert,
        "Seconds of film the video encoder gets at once.");
    visitor.field("bench.transcript-megabytes", settings.transcriptMegabytes, { 1, 4096 }, "MB",
        SettingLevel::Expert, "Size of the transcript the tokenizer gets.");
    visitor.field("bench.query-seconds", settings.querySeconds, { 1, 10'000'000 }, "seconds",
        SettingLevel::Expert, "Generated seconds that a query is measured on.");
    visitor.field("bench.query-width", settings.queryWidth, { 1, 4096 }, "numbers",
        SettingLevel::Expert, "Numbers per generated second.");
    visitor.field("bench.labelled-seconds", settings.labelledSeconds, { 1, 1'000'000 }, "seconds",
        SettingLevel::Expert, "Generated seconds of the video that is labelled.");
    visitor.field("bench.labels", settings.labels, { 2, 1000 }, "labels", SettingLevel::Expert,
        "Labels it is labelled with.");
    visitor.field("bench.sampled-videos", settings.sampledVideos, { 32, 100'000'000 }, "videos",
        SettingLevel::Expert, "Generated videos whose pairs the sampler draws.");
    visitor.field("bench.sampled-batches", settings.sampledBatches, { 1, 1'000'000 }, "batches",
        SettingLevel::Expert, "Batches of 512 pairs that the sampler makes.");
}

std::string typeName(at::ScalarType type)
{
    return type == at::kFloat ? "float32" : "bfloat16";
}

Result<at::Device> deviceOf(const BenchSettings& settings)
{
    CLIP_TRY_ASSIGN(const auto compute,
        tensor::resolveCompute(settings.device, tensor::PrecisionWish::Float32));
    return compute.device;
}

double secondsOf(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Status race(std::vector<Contestant>& all, const std::string& phase, std::int64_t rounds,
    JobContext context, at::Device device)
{
    for (std::int64_t round = -1; round < rounds; ++round) { // round -1 warms up
        for (Contestant& one : all) {
            if (context.stop.stop_requested())
                return fail(ErrorKind::Cancelled, "The measurement was stopped.");
            context.progress.report({ phase, round + 1, rounds + 1, "rounds", 0.0, one.name });
            Status done;
            const double seconds = secondsOf([&] {
                done = one.work();
                tensor::finishWork(device);
            });
            CLIP_TRY(done);
            if (round >= 0)
                one.best = std::min(one.best, seconds);
        }
    }
    return {};
}

std::vector<Contestant> matrixProducts(const BenchSettings& settings, at::Device device)
{
    constexpr std::int64_t onCpu = 2048, onCard = 8192;
    const std::int64_t rows = settings.matrixSize > 0 ? settings.matrixSize
        : device.is_cpu()                             ? onCpu
                                                      : onCard;
    const auto size = static_cast<double>(rows);
    std::vector<Contestant> all;
    for (const auto type : { at::kFloat, at::kBFloat16 }) {
        const at::Tensor matrix = at::rand({ rows, rows }).to(device, type);
        all.push_back({ std::string(productName) + typeName(type), "GFLOP/s",
            2e-9 * size * size * size, sure([matrix] { at::mm(matrix, matrix); }) });
    }
    return all;
}

std::vector<Measurement> ratesOf(const std::vector<Contestant>& all)
{
    std::vector<Measurement> lines;
    lines.reserve(all.size());
    for (const Contestant& one : all)
        lines.push_back({ one.name, one.amount / one.best, one.unit, 0.0, {}, {} });
    for (const Contestant& one : all) {
        if (one.operations == 0.0)
            continue;
        const std::string type = one.name.ends_with("bfloat16") ? "bfloat16" : "float32";
        lines.push_back({ one.name + ", arithmetic", 1e-9 * one.operations / one.best, "GFLOP/s",
            0.0, {}, {} });
        compare(lines, lines.back().name, std::string(productName) + type);
    }
    return lines;
}

void compare(std::vector<Measurement>& lines, const std::string& name, const std::string& against)
{
    Measurement& line = lineNamed(lines, name);
    line.ratio = line.value / lineNamed(lines, against).value;
    line.against = against;
}

Result<std::vector<Measurement>> runBench(
    const std::vector<BenchPart>& parts, const BenchSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<std::vector<Measurement>> {
        const auto names = benchPartNames();
        std::vector<BenchPart> chosen = parts;
        for (std::size_t i = 0; parts.empty() && i < names.size(); ++i)
            if (const auto part = static_cast<BenchPart>(i); part != BenchPart::Sampler)
                chosen.push_back(part);
        std::vector<Measurement> all;
        for (const BenchPart part : chosen) {
            const std::string& name = names[static_cast<std::size_t>(part)];
            auto lines = runPart(part, settings, context);
            if (!lines && parts.empty() && lines.error().kind == ErrorKind::NotFound) {
                context.log.warning("Left out " + name + ": " + lines.error().toString());
                continue;
            }
            if (!lines)
                return fail(lines.error());
            for (Measurement& line : *lines) {
                line.part = name;
                all.push_back(std::move(line));
            }
        }
        return all;
    });
}

} // namespace clipscope::jobs
