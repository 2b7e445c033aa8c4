#include "jobs/bench_model.h"

#include "base/guarded.h"
#include "model/efficientnet_lite.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>

namespace clipscope::jobs {

namespace {

/// Operations per frame: 407 million multiply-adds, as published for EfficientNet-Lite0.
constexpr double encoderOperations = 2.0 * 407e6;

double secondsOf(const std::function<void()>& work)
{
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

tensor::TensorFile madeUpWeights()
{
    tensor::TensorFile file;
    for (const auto& [name, shape] : model::efficientNetLite0Shapes())
        file.tensors[name]
            = name.ends_with("running_var") ? at::ones(shape) : at::rand(shape).sub_(0.5).mul_(0.1);
    return file;
}

/// One thing to time in every round.
struct Contestant
{
    std::string name, unit;
    double amount = 0.0; ///< of unit * seconds per call
    std::function<void()> work;
    double best = std::numeric_limits<double>::infinity(); ///< seconds
};

Result<std::vector<Contestant>> contestants(const BenchModelSettings& settings)
{
    constexpr std::int64_t side = model::EfficientNetLite0::imageSize;
    const auto weights = madeUpWeights();
    const at::Tensor images = model::EfficientNetLite0::normalised(
        at::randint(0, 256, { settings.batchFrames, side, side, 3 }).to(at::kByte));
    const auto size = static_cast<double>(settings.matrixSize);
    std::vector<Contestant> all;
    for (const auto precision : { at::kFloat, at::kBFloat16 }) {
        const std::string type = precision == at::kFloat ? "float32" : "bfloat16";
        const at::Tensor matrix
            = at::rand({ settings.matrixSize, settings.matrixSize }).to(precision);
        all.push_back({ "matrix product, " + type, "GFLOP/s", 2e-9 * size * size * size,
            [matrix] { at::mm(matrix, matrix); } });
        CLIP_TRY_ASSIGN(
            auto network, model::EfficientNetLite0::create(weights, "", { at::kCPU, precision }));
        all.push_back({ "encoder, " + type, "frames/s", static_cast<double>(settings.batchFrames),
            [network = std::move(network), images] { network.features(images); } });
    }
    return all;
}

} // namespace

Json toJson(const Measurement& measurement)
{
    Json json{ { "name", measurement.name }, { "value", measurement.value },
        { "unit", measurement.unit } };
    if (measurement.ratio > 0.0) {
        json["ratio"] = measurement.ratio;
        json["against"] = measurement.against;
    }
    return json;
}

void describe(SettingsVisitor& visitor, BenchModelSettings& settings)
{
    visitor.field("bench.rounds", settings.rounds, { 1, 1000 }, "", SettingLevel::Basic,
        "How often everything is measured; the fastest round counts.");
    visitor.field("bench.batch-frames", settings.batchFrames, { 1, 1024 }, "frames",
        SettingLevel::Expert, "Frames the encoder gets at once.");
    visitor.field("bench.matrix-size", settings.matrixSize, { 64, 16384 }, "rows",
        SettingLevel::Expert,
        "Rows and columns of the matrices whose product stands for the peak.");
}

Result<std::vector<Measurement>> runBenchModel(
    const BenchModelSettings& settings, JobContext context)
{
    return guarded([&]() -> Result<std::vector<Measurement>> {
        const tensor::InferenceScope inference;
        CLIP_TRY_ASSIGN(auto all, contestants(settings));
        for (std::int64_t round = -1; round < settings.rounds; ++round) { // round -1 warms up
            for (Contestant& one : all) {
                if (context.stop.stop_requested())
                    return fail(ErrorKind::Cancelled, "The benchmark was stopped.");
                context.progress.report({ .phase = "bench",
                    .done = round + 1,
                    .total = settings.rounds + 1,
                    .unit = "rounds",
                    .message = one.name });
                const double seconds = secondsOf(one.work);
                if (round >= 0)
                    one.best = std::min(one.best, seconds);
            }
        }
        std::vector<Measurement> lines;
        for (const Contestant& one : all)
            lines.push_back({ one.name, one.amount / one.best, one.unit, 0.0, {} });
        // Order: product and encoder in float32, then in bfloat16.
        for (const std::size_t i : { 2u, 3u }) {
            lines[i].ratio = lines[i].value / lines[i - 2].value;
            lines[i].against = lines[i - 2].name;
        }
        for (const std::size_t i : { 1u, 3u }) {
            const double flops = 1e-9 * lines[i].value * encoderOperations;
            lines.push_back({ lines[i].name + ", arithmetic", flops, "GFLOP/s",
                flops / lines[i - 1].value, lines[i - 1].name });
        }
        return lines;
    });
}

} // namespace clipscope::jobs
