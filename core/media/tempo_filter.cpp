#include "media/tempo_filter.h"

#include "base/require.h"
#include "media/ffmpeg_handles.h"

#include <array>
#include <cstring>
#include <string>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
}

namespace clipscope::media {

namespace {

constexpr std::size_t channels = 2;

tl::unexpected<Error> filterError(const std::string& doing, int code)
{
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(code, text.data(), text.size());
    const ErrorKind kind = code == AVERROR(ENOMEM) ? ErrorKind::OutOfMemory : ErrorKind::Internal;
    return fail(kind, "Changing the speed of sound: " + doing + " failed: " + text.data());
}

} // namespace

struct TempoFilter::Impl
{
    GraphHandle graph;
    AVFilterContext* source = nullptr; ///< owned by the graph, as the sink
    AVFilterContext* sink = nullptr;
    FrameHandle frame = newFrame();
    int rateHz = 0;
    std::int64_t taken = 0; ///< frames that went in

    Status add(AVFilterContext*& made, const char* filter, const std::string& options)
    {
        const AVFilter* kind = avfilter_get_by_name(filter);
        if (!kind)
            return fail(ErrorKind::Unsupported,
                std::string("FFmpeg was built without the filter ") + filter + ".");
        const int code = avfilter_graph_create_filter(&made, kind, nullptr,
            options.empty() ? nullptr : options.c_str(), nullptr, graph.get());
        return code < 0 ? Status(filterError("making a filter", code)) : Status();
    }

    Status build(double tempo)
    {
        graph.reset(avfilter_graph_alloc());
        if (!graph)
            return filterError("making a graph", AVERROR(ENOMEM));
        graph->nb_threads = 1;
        const std::string rate = std::to_string(rateHz);
        CLIP_TRY(add(source, "abuffer",
            "sample_fmt=flt:channel_layout=stereo:sample_rate=" + rate + ":time_base=1/" + rate));
        AVFilterContext* changer = nullptr;
        CLIP_TRY(add(changer, "atempo", "tempo=" + std::to_string(tempo)));
        CLIP_TRY(add(sink, "abuffersink", {}));
        int code = avfilter_link(source, 0, changer, 0);
        if (code >= 0)
            code = avfilter_link(changer, 0, sink, 0);
        if (code >= 0)
            code = avfilter_graph_config(graph.get(), nullptr);
        return code < 0 ? Status(filterError("joining the filters", code)) : Status();
    }

    /// An empty span is the end.
    Status put(std::span<const float> samples)
    {
        FrameHandle piece;
        if (!samples.empty()) {
            piece = newFrame();
            piece->format = AV_SAMPLE_FMT_FLT;
            piece->sample_rate = rateHz;
            piece->nb_samples = static_cast<int>(samples.size() / channels);
            piece->pts = taken;
            av_channel_layout_default(&piece->ch_layout, channels);
            if (const int code = av_frame_get_buffer(piece.get(), 0); code < 0)
                return filterError("taking sound", code);
            std::memcpy(piece->data[0], samples.data(), samples.size_bytes());
            taken += piece->nb_samples;
        }
        const int code = av_buffersrc_add_frame(source, piece.get());
        return code < 0 ? Status(filterError("taking sound", code)) : Status();
    }

    Result<std::vector<float>> take()
    {
        std::vector<float> out;
        for (;;) {
            const int code = av_buffersink_get_frame(sink, frame.get());
            if (code == AVERROR(EAGAIN) || code == AVERROR_EOF)
                return out;
            if (code < 0)
                return filterError("giving sound", code);
            const auto* samples = reinterpret_cast<const float*>(frame->data[0]);
            out.insert(out.end(), samples,
                samples + channels * static_cast<std::size_t>(frame->nb_samples));
            av_frame_unref(frame.get());
        }
    }
};

TempoFilter::TempoFilter(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
TempoFilter::TempoFilter(TempoFilter&&) noexcept = default;
TempoFilter& TempoFilter::operator=(TempoFilter&&) noexcept = default;
TempoFilter::~TempoFilter() = default;

Result<TempoFilter> TempoFilter::create(int sampleRateHz, double tempo)
{
    CLIP_REQUIRE(sampleRateHz >= 8000 && sampleRateHz <= 192000 && tempo >= slowestTempo
            && tempo <= fastestTempo,
        std::to_string(sampleRateHz) + " " + std::to_string(tempo));
    auto impl = std::make_unique<Impl>();
    impl->rateHz = sampleRateHz;
    CLIP_TRY(impl->build(tempo));
    return TempoFilter(std::move(impl));
}

Result<std::vector<float>> TempoFilter::filter(std::span<const float> samples)
{
    CLIP_REQUIRE(samples.size() % channels == 0, std::to_string(samples.size()));
    if (!samples.empty())
        CLIP_TRY(m_impl->put(samples));
    return m_impl->take();
}

Result<std::vector<float>> TempoFilter::drain()
{
    CLIP_TRY(m_impl->put({}));
    return m_impl->take();
}

} // namespace clipscope::media
