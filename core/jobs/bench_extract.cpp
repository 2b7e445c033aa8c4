#include "jobs/bench_parts.h"

#include "base/files.h"
#include "features/extract.h"
#include "media/frame_sampler.h"
#include "store/feature_shards.h"
#include "tensor/device.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace clipscope::jobs {

namespace {

namespace fs = std::filesystem;

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

/// Runs ffmpeg to its end; false when it is not installed.
bool runFfmpeg(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), { "ffmpeg", "-v", "quiet", "-nostdin" });
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid_t child = 0;
    if (posix_spawnp(&child, "ffmpeg", nullptr, nullptr, pointers.data(), environ) != 0)
        return false;
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

/// The work of the frame sampler, decoding with as many threads as it does.
bool ffmpegDecodes(const fs::path& film)
{
    const auto threads = std::to_string(std::clamp(std::thread::hardware_concurrency(), 1u, 8u));
    return runFfmpeg({ "-threads", threads, "-i", utf8(film), "-an", "-vf", "fps=1,scale=224:224",
        "-pix_fmt", "rgb24", "-f", "null", "-" });
}

/// As good as nothing: what starting the program costs.
bool ffmpegStarts()
{
    return runFfmpeg({ "-f", "lavfi", "-i", "color=size=16x16:duration=0.04", "-f", "null", "-" });
}

/// Decodes and scales all films as the encoder wants them; the number of seconds.
std::int64_t decoded(const std::vector<features::ExtractItem>& items,
    const features::Encoder& encoder, std::stop_token stop)
{
    std::int64_t seconds = 0;
    for (const auto& item : items) {
        auto sampler = media::FrameSampler::open(item.path, encoder.plan(), stop);
        while (sampler) {
            const auto second = sampler->next(stop);
            if (!second || !*second)
                break;
            ++seconds;
        }
    }
    return seconds;
}

/// The network alone over as many seconds.
void encode(const features::Encoder& encoder, std::int64_t seconds)
{
    const std::int64_t B = encoder.preferredBatch(), F = encoder.plan().framesPerSecond;
    const auto frames = at::zeros({ B, F, 224, 224, 3 }, at::kByte);
    for (std::int64_t done = 0; done < seconds; done += B)
        (void)encoder.encode(frames.slice(0, 0, std::min(B, seconds - done)));
}

Status extracted(const std::vector<features::ExtractItem>& items, const features::Encoder& encoder,
    std::stop_token stop)
{
    const fs::path folder
        = fs::temp_directory_path() / ("clipscope-bench-" + std::to_string(getpid()));
    Status done = [&]() -> Status {
        CLIP_TRY_ASSIGN(auto writer,
            store::FeatureWriter::open(
                folder, { encoder.name(), encoder.fingerprint(), encoder.dim(), {} }));
        CLIP_TRY(features::extract(items, encoder, writer, {}, { stop }));
        return {};
    }();
    std::error_code error;
    fs::remove_all(folder, error);
    return done;
}

} // namespace

Result<std::vector<Measurement>> benchExtract(const BenchSettings& settings, JobContext context)
{
    if (settings.films.empty())
        return fail(ErrorKind::NotFound, "Extraction needs films to be measured on.", {},
            "Name their folder with --films.");
    CLIP_TRY_ASSIGN(const auto items, filmsIn(pathFromUtf8(settings.films), context));
    CLIP_TRY_ASSIGN(const auto compute,
        tensor::resolveCompute(tensor::DeviceWish::Auto, tensor::PrecisionWish::Auto));
    CLIP_TRY_ASSIGN(const auto encoder,
        features::loadEncoder(features::encoderNames().front(), modelsFolder(), compute));
    std::int64_t seconds = 0;
    std::vector<Contestant> all{
        { "decode and scale", "seconds/s", 0.0,
            sure([&] { seconds = decoded(items, *encoder, context.stop); }) },
        { "network", "seconds/s", 0.0, sure([&] { encode(*encoder, seconds); }) },
        { "extraction", "seconds/s", 0.0,
            [&] { return extracted(items, *encoder, context.stop); } },
    };
    const bool hasFfmpeg = ffmpegStarts();
    if (hasFfmpeg) {
        all.push_back({ "ffmpeg, the same", "seconds/s", 0.0, sure([&] {
                           for (const auto& item : items)
                               ffmpegDecodes(item.path);
                       }) });
        all.push_back({ "ffmpeg, starting once", "seconds/s", 0.0, sure([] { ffmpegStarts(); }) });
    }
    CLIP_TRY(race(all, "extract", settings.rounds, context));
    const auto rate = [&](double time) { return static_cast<double>(seconds) / time; };
    std::vector<Measurement> lines;
    for (std::size_t i = 0; i < 3 + (hasFfmpeg ? 1 : 0); ++i)
        lines.push_back({ all[i].name, rate(all[i].best), all[i].unit, 0.0, {}, {} });
    compare(lines, "extraction",
        all[0].best > all[1].best ? "decode and scale" : "network"); // the slower one is the bound
    if (hasFfmpeg) {
        // It is started once a film and we are not: that is not what is compared.
        const double starts = static_cast<double>(items.size()) * all[4].best;
        lines.push_back(
            { "ffmpeg, without its starts", rate(all[3].best - starts), "seconds/s", 0.0, {}, {} });
        compare(lines, "decode and scale", "ffmpeg, without its starts");
    }
    return lines;
}

} // namespace clipscope::jobs
