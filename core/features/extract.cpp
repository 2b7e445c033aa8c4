#include "features/extract.h"

#include "base/bounded_queue.h"
#include "base/files.h"
#include "base/guarded.h"
#include "base/half.h"
#include "store/feature_shards.h"

#include <torch/types.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <thread>
#include <variant>

namespace clipscope::features {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct EndOfVideo
{
    std::int64_t seconds = 0;
};

/// What a decode thread tells the network about one item. For a video: seconds in order, then one
/// EndOfVideo or Error.
struct Message
{
    std::size_t item = 0;
    std::variant<media::SecondOfFrames, EndOfVideo, Error> content;
};

using Queue = BoundedQueue<Message>;

/// The decode side: threads that take the next video each until none is left.
class DecodeCrew final
{
public:
    DecodeCrew(std::span<const ExtractItem> items, std::vector<std::size_t> wanted,
        const ExtractOptions& options, media::SamplePlan plan, Queue& queue)
        : m_items(items)
        , m_wanted(std::move(wanted))
        , m_options(options)
        , m_plan(plan)
        , m_queue(queue)
    {
        const auto count
            = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(1, options.decodeThreads)),
                1, std::max<std::size_t>(1, m_wanted.size()));
        m_running = count;
        for (std::size_t i = 0; i < count; ++i)
            m_threads.emplace_back([this](std::stop_token stop) { work(stop); });
    }
    /// Seconds of all threads spent decoding, not waiting for room.
    double busySeconds() const { return static_cast<double>(m_busyMicroseconds.load()) * 1e-6; }

private:
    void work(std::stop_token stop)
    {
        for (;;) {
            const std::size_t next = m_next.fetch_add(1);
            if (next >= m_wanted.size() || stop.stop_requested())
                break;
            const std::size_t item = m_wanted[next];
            auto decoded = guarded([&] { return decode(item, stop); });
            if (!decoded && !m_queue.push({ item, std::move(decoded.error()) }, stop))
                break;
        }
        if (m_running.fetch_sub(1) == 1)
            m_queue.close();
    }

    Status decode(std::size_t item, std::stop_token stop)
    {
        auto start = Clock::now();
        CLIP_TRY_ASSIGN(auto sampler,
            m_options.open ? m_options.open(m_items[item], stop)
                           : media::FrameSampler::open(m_items[item].path, m_plan, stop));
        std::int64_t seconds = 0;
        for (;; ++seconds) {
            CLIP_TRY_ASSIGN(auto second, sampler.next(stop));
            m_busyMicroseconds += static_cast<std::int64_t>(secondsSince(start) * 1e6);
            if (!second)
                break;
            if (!m_queue.push({ item, std::move(*second) }, stop))
                return {};
            start = Clock::now();
        }
        if (seconds == 0)
            return fail(ErrorKind::BadInput, "The video has no frame.", { m_items[item].path, {} });
        m_queue.push({ item, EndOfVideo{ seconds } }, stop);
        return {};
    }

    const std::span<const ExtractItem> m_items;
    const std::vector<std::size_t> m_wanted;
    const ExtractOptions& m_options;
    const media::SamplePlan m_plan;
    Queue& m_queue;
    std::atomic<std::size_t> m_next = 0;
    std::atomic<std::size_t> m_running = 0;
    std::atomic<std::int64_t> m_busyMicroseconds = 0;
    std::vector<std::jthread> m_threads; ///< last: stopped and joined before the rest goes
};

/// The network side: gathers seconds into batches and hands finished videos to the writer.
class NetworkSide final
{
public:
    NetworkSide(std::span<const ExtractItem> items, const Encoder& encoder,
        store::FeatureWriter& writer, int batchSeconds, std::int64_t totalSeconds,
        JobContext context)
        : m_items(items)
        , m_encoder(encoder)
        , m_writer(writer)
        , m_batchSeconds(static_cast<std::size_t>(batchSeconds))
        , m_totalSeconds(totalSeconds)
        , m_context(context)
    {
    }

    Status take(Message message)
    {
        if (auto* second = std::get_if<media::SecondOfFrames>(&message.content)) {
            addSecond(message.item, std::move(*second));
            return m_batch.size() >= m_batchSeconds ? runBatch() : Status{};
        }
        if (auto* end = std::get_if<EndOfVideo>(&message.content)) {
            m_videos[message.item].expected = end->seconds;
            return finishIfComplete(message.item);
        }
        Error& error = std::get<Error>(message.content);
        if (error.kind == ErrorKind::Cancelled)
            return {};
        error.context.push_back("while extracting features of " + utf8(m_items[message.item].path));
        m_context.log.warning(error.toString());
        dropVideo(message.item);
        m_report.skipped.push_back({ m_items[message.item].videoId, std::move(error) });
        return {};
    }

    Status finish() { return runBatch(); }
    ExtractReport& report() { return m_report; }

private:
    struct Video
    {
        std::vector<std::uint16_t> halves; ///< [seconds so far, dim]
        std::int64_t encoded = 0; ///< seconds whose vectors are in `halves`
        std::int64_t expected = -1; ///< known after EndOfVideo
    };
    struct Pending
    {
        std::size_t item;
        media::SecondOfFrames frames; ///< without pixels when it repeats the second before
    };

    void addSecond(std::size_t item, media::SecondOfFrames second)
    {
        auto& video = m_videos[item];
        const auto needed = static_cast<std::size_t>((second.second + 1) * m_encoder.dim());
        video.halves.resize(std::max(video.halves.size(), needed));
        if (second.sameAsPrevious && second.second > 0)
            second.rgb.clear();
        m_batch.push_back({ item, std::move(second) });
    }

    at::Tensor encodeBatch(const std::vector<const media::SecondOfFrames*>& seconds)
    {
        const auto& first = *seconds.front();
        const std::int64_t N = static_cast<std::int64_t>(seconds.size());
        const std::int64_t H = first.heightPixels, W = first.widthPixels;
        const std::int64_t F = static_cast<std::int64_t>(first.rgb.size()) / (H * W * 3);
        const auto frames = torch::empty({ N, F, H, W, 3 }, torch::kUInt8);
        auto* to = frames.data_ptr<std::uint8_t>();
        for (const auto* second : seconds) {
            std::memcpy(to, second->rgb.data(), first.rgb.size());
            to += first.rgb.size();
        }
        const auto start = Clock::now();
        at::Tensor vectors = m_encoder.encode(frames).to(torch::kHalf).contiguous();
        m_report.networkBusySeconds += secondsSince(start);
        return vectors;
    }

    Status runBatch()
    {
        if (m_batch.empty())
            return {};
        std::vector<const media::SecondOfFrames*> shown;
        for (const Pending& pending : m_batch)
            if (!pending.frames.rgb.empty())
                shown.push_back(&pending.frames);
        at::Tensor vectors;
        if (!shown.empty())
            vectors = encodeBatch(shown);
        const auto D = static_cast<std::size_t>(m_encoder.dim());
        const auto* row
            = shown.empty() ? nullptr : static_cast<const std::uint16_t*>(vectors.const_data_ptr());
        std::vector<std::size_t> touched;
        for (const Pending& pending : m_batch) {
            auto& video = m_videos[pending.item];
            std::uint16_t* to
                = video.halves.data() + static_cast<std::size_t>(pending.frames.second) * D;
            if (pending.frames.rgb.empty()) {
                std::copy_n(to - D, D, to);
            } else {
                std::copy_n(row, D, to);
                row += D;
            }
            ++video.encoded;
            if (touched.empty() || touched.back() != pending.item)
                touched.push_back(pending.item);
        }
        m_secondsEncoded += static_cast<std::int64_t>(m_batch.size());
        m_batch.clear();
        for (const std::size_t item : touched)
            CLIP_TRY(finishIfComplete(item));
        reportProgress(touched.back());
        return {};
    }

    Status finishIfComplete(std::size_t item)
    {
        const auto found = m_videos.find(item);
        if (found == m_videos.end() || found->second.encoded != found->second.expected)
            return {};
        const Video video = std::move(found->second);
        m_videos.erase(found);
        const ExtractItem& what = m_items[item];
        // A network that meets its limits gives infinities or NaN; such a video is no result.
        if (!allFinite(video.halves)) {
            m_report.skipped.push_back({ what.videoId,
                fail(ErrorKind::Internal, "The network gave values that are not finite.",
                    { what.path, {} }, "Try --precision float32.")
                    .value() });
            return {};
        }
        CLIP_TRY(m_writer.append(what.videoId, what.contentHash, video.halves, video.expected)
                     .withContext("while storing features of " + utf8(what.path)));
        ++m_report.videosDone;
        m_report.secondsDone += video.expected;
        return {};
    }

    static bool allFinite(const std::vector<std::uint16_t>& halves)
    {
        constexpr std::uint16_t exponent = 0x7c00;
        return std::none_of(halves.begin(), halves.end(),
            [](std::uint16_t half) { return (half & exponent) == exponent; });
    }

    void dropVideo(std::size_t item)
    {
        std::erase_if(m_batch, [&](const Pending& pending) { return pending.item == item; });
        m_videos.erase(item);
    }

    void reportProgress(std::size_t item)
    {
        const double elapsed = secondsSince(m_start);
        m_context.progress.report(
            { "extract", m_secondsEncoded, std::max(m_totalSeconds, m_secondsEncoded), "seconds",
                elapsed > 0 ? static_cast<double>(m_secondsEncoded) / elapsed : 0.0,
                utf8(m_items[item].path.filename()) });
    }

    const std::span<const ExtractItem> m_items;
    const Encoder& m_encoder;
    store::FeatureWriter& m_writer;
    const std::size_t m_batchSeconds;
    const std::int64_t m_totalSeconds;
    JobContext m_context;
    const Clock::time_point m_start = Clock::now();
    std::map<std::size_t, Video> m_videos; ///< those between first second and append
    std::vector<Pending> m_batch;
    std::int64_t m_secondsEncoded = 0;
    ExtractReport m_report;
};

} // namespace

Result<ExtractReport> extract(std::span<const ExtractItem> items, const Encoder& encoder,
    store::FeatureWriter& writer, const ExtractOptions& options, JobContext context)
{
    const auto start = Clock::now();
    std::vector<std::size_t> wanted;
    std::int64_t totalSeconds = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (writer.contains(items[i].videoId, items[i].contentHash))
            continue;
        wanted.push_back(i);
        totalSeconds
            += std::max<std::int64_t>(1, std::llround(std::ceil(items[i].durationSeconds)));
    }
    const auto known = static_cast<std::int64_t>(items.size() - wanted.size());
    const int batch = options.batchSeconds > 0 ? options.batchSeconds : encoder.preferredBatch();
    context.progress.report({ "extract", 0, totalSeconds, "seconds", 0.0, "" });

    Queue queue(static_cast<std::size_t>(batch)
        * static_cast<std::size_t>(std::max(1, options.queueBatches)));
    NetworkSide network(items, encoder, writer, batch, totalSeconds, context);
    DecodeCrew crew(items, wanted, options, encoder.plan(), queue);
    while (auto message = queue.pop(context.stop))
        CLIP_TRY(network.take(std::move(*message)));
    if (context.stop.stop_requested())
        return fail(ErrorKind::Cancelled, "Extraction was stopped; finished videos are kept.");
    CLIP_TRY(network.finish());

    ExtractReport report = std::move(network.report());
    report.videosKnown = known;
    report.decodeBusySeconds = crew.busySeconds();
    report.elapsedSeconds = secondsSince(start);
    return report;
}

} // namespace clipscope::features
