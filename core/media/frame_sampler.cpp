#include "media/frame_sampler.h"

#include "base/require.h"
#include "media/frame_stream.h"
#include "media/picture_converter.h"

#include <algorithm>
#include <cstring>

extern "C" {
#include <libavutil/mathematics.h>
}

namespace clipscope::media {

namespace {

constexpr std::int64_t worthJump = 12; ///< frames saved below which a jump costs more
constexpr int channels = 3;

/// Which frame of the index stands for each sample of a plan.
class SampleTimes final
{
public:
    SampleTimes(std::shared_ptr<const VideoIndex> index, const SamplePlan& plan)
        : m_index(std::move(index))
        , m_plan(plan)
    {
        const std::int64_t end = m_index->endTicks() - origin();
        m_count = plan.choice == FrameChoice::Nearest
            ? std::max<std::int64_t>(1, samplesIn(end, AV_ROUND_NEAR_INF))
            : plan.framesPerSecond == 1 ? m_index->secondCount()
                                        : std::max<std::int64_t>(1, samplesIn(end, AV_ROUND_UP));
    }

    std::int64_t count() const { return m_count; }
    std::int64_t seconds() const
    {
        return (m_count + m_plan.framesPerSecond - 1) / m_plan.framesPerSecond;
    }

    std::int64_t frameFor(std::int64_t sample) const
    {
        const auto frames = m_index->frames();
        const auto after
            = std::partition_point(frames.begin(), frames.end(), [&](const IndexedFrame& frame) {
                  const std::int64_t ticks = frame.timeTicks - origin();
                  // The `fps` filter rounds each frame to the nearest sample, the last one stays.
                  return m_plan.choice == FrameChoice::Nearest
                      ? samplesIn(ticks, AV_ROUND_NEAR_INF) <= sample
                      : samplesIn(ticks, AV_ROUND_UP) <= sample;
              });
        return std::max<std::int64_t>(0, after - frames.begin() - 1);
    }

private:
    std::int64_t origin() const { return m_index->frames().front().timeTicks; }
    std::int64_t samplesIn(std::int64_t ticks, AVRounding rounding) const
    {
        return av_rescale_rnd(ticks,
            std::int64_t{ m_index->timeBaseNumerator() } * m_plan.framesPerSecond,
            m_index->timeBaseDenominator(), rounding);
    }

    std::shared_ptr<const VideoIndex> m_index;
    SamplePlan m_plan;
    std::int64_t m_count = 0;
};

bool isInRange(const SamplePlan& plan)
{
    constexpr int maxSide = 4096;
    const auto fits = [](int side) { return side >= 1 && side <= maxSide; };
    if (plan.framesPerSecond < 1 || plan.framesPerSecond > 240)
        return false;
    if (const auto* squash = std::get_if<Squash>(&plan.geometry))
        return fits(squash->widthPixels) && fits(squash->heightPixels);
    return fits(std::get<ShortSideCrop>(plan.geometry).sizePixels);
}

} // namespace

ScaledAndCropped scaledAndCropped(int widthPixels, int heightPixels, int sizePixels)
{
    CLIP_REQUIRE(widthPixels > 0 && heightPixels > 0 && sizePixels > 0, "sizes");
    const auto longer = [&](int longSide, int shortSide) {
        return static_cast<int>(std::int64_t{ longSide } * sizePixels / shortSide);
    };
    ScaledAndCropped result{ sizePixels, sizePixels, 0, 0 };
    if (heightPixels >= widthPixels)
        result.scaledHeight = longer(heightPixels, widthPixels);
    else
        result.scaledWidth = longer(widthPixels, heightPixels);
    result.cropX = (result.scaledWidth - sizePixels) / 2;
    result.cropY = (result.scaledHeight - sizePixels) / 2;
    return result;
}

struct FrameSampler::Impl
{
    Impl(FrameStream opened, const SamplePlan& wish, SampleTimes wanted)
        : stream(std::move(opened))
        , plan(wish)
        , times(std::move(wanted))
        , converter(std::holds_alternative<Squash>(plan.geometry) ? ScaleQuality::Encoder
                                                                  : ScaleQuality::Reference)
    {
        if (const auto* squash = std::get_if<Squash>(&plan.geometry)) {
            width = squash->widthPixels;
            height = squash->heightPixels;
        } else {
            width = height = std::get<ShortSideCrop>(plan.geometry).sizePixels;
        }
    }

    FrameStream stream;
    SamplePlan plan;
    SampleTimes times;
    int width = 0, height = 0;
    PictureConverter converter;
    std::int64_t second = 0;
    bool mustSeek = false;
    bool mayJump = true;
    bool ended = false;
    std::optional<StreamFrame> shown; ///< the last one at or before the wanted one
    std::optional<StreamFrame> ahead; ///< the first one after it, when the wanted one is damaged
    std::vector<std::uint8_t> converted; ///< of convertedFrame
    std::int64_t convertedFrame = -1;
    std::int64_t uniformFrame = -1; ///< the one frame of which the last second consisted, or -1

    std::size_t frameBytes() const
    {
        return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * channels;
    }

    Status jumpTo(std::int64_t frame, std::stop_token stop)
    {
        const std::int64_t key = stream.index().keyFrameFor(frame);
        const std::int64_t position = stream.position();
        const bool isWorth = mayJump && key - position > worthJump;
        const bool isForced = mustSeek || stream.isLost();
        if (!isForced && !isWorth)
            return {};
        CLIP_TRY(stream.seekBefore(frame, std::move(stop)));
        // A file that can only be entered before the place where we were is read in a row.
        mayJump = mayJump && (isForced || stream.position() + 1 > position);
        mustSeek = false;
        ended = false;
        ahead.reset();
        return {};
    }

    /// The frame or, where it is damaged, its neighbour.
    Result<const StreamFrame*> obtain(std::int64_t frame, std::stop_token stop)
    {
        while (!shown || shown->index < frame) {
            if (!ahead && !ended) {
                CLIP_TRY(jumpTo(frame, stop));
                CLIP_TRY_ASSIGN(ahead, stream.next(stop));
                ended = !ahead;
            }
            if (!ahead || ahead->index > frame)
                break;
            shown = std::move(ahead);
            ahead.reset();
        }
        if (shown)
            return &*shown;
        if (ahead)
            return &*ahead;
        return fail(ErrorKind::BadInput, "No picture of the video can be decoded.",
            { stream.file().path(), "frame " + std::to_string(frame) });
    }

    Status convert(const StreamFrame& frame)
    {
        if (frame.index == convertedFrame)
            return {};
        converted.resize(frameBytes());
        const AVFrame& picture = *frame.picture;
        const int rotation = rotationOf(stream.file().stream(stream.index().streamIndex()));
        PictureConverter::Target target{ width, height, 0, 0, width, height };
        if (const auto* crop = std::get_if<ShortSideCrop>(&plan.geometry)) {
            const bool isTurned = rotation % 180 != 0;
            const ScaledAndCropped geometry
                = scaledAndCropped(isTurned ? picture.height : picture.width,
                    isTurned ? picture.width : picture.height, crop->sizePixels);
            target = { geometry.scaledWidth, geometry.scaledHeight, geometry.cropX, geometry.cropY,
                width, height };
        }
        convertedFrame = -1;
        CLIP_TRY(converter.convert(picture, rotation, target, converted));
        convertedFrame = frame.index;
        return {};
    }

    Result<SecondOfFrames> read(std::stop_token stop)
    {
        const std::int64_t first = second * plan.framesPerSecond;
        const std::int64_t last = std::min(first + plan.framesPerSecond, times.count());
        SecondOfFrames result;
        result.second = second;
        result.frames = static_cast<int>(last - first);
        result.widthPixels = width;
        result.heightPixels = height;
        result.rgb.resize(frameBytes() * static_cast<std::size_t>(plan.framesPerSecond));
        std::int64_t uniform = -1;
        std::uint8_t* to = result.rgb.data();
        for (std::int64_t sample = first; sample < last; ++sample, to += frameBytes()) {
            CLIP_TRY_ASSIGN(const StreamFrame* frame, obtain(times.frameFor(sample), stop));
            CLIP_TRY(convert(*frame));
            std::memcpy(to, converted.data(), frameBytes());
            uniform = sample == first || uniform == frame->index ? frame->index : -1;
        }
        if (result.frames < plan.framesPerSecond)
            uniform = -1;
        result.sameAsPrevious = uniform >= 0 && uniform == uniformFrame;
        uniformFrame = uniform;
        ++second;
        return result;
    }
};

FrameSampler::FrameSampler(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
FrameSampler::FrameSampler(FrameSampler&&) noexcept = default;
FrameSampler& FrameSampler::operator=(FrameSampler&&) noexcept = default;
FrameSampler::~FrameSampler() = default;

Result<FrameSampler> FrameSampler::open(const std::filesystem::path& path,
    std::shared_ptr<const VideoIndex> index, const SamplePlan& plan, int threads, DecodeWish wish)
{
    if (!isInRange(plan))
        return fail(ErrorKind::BadInput, "The sample plan is out of range.", { path, {} });
    SampleTimes times(index, plan);
    CLIP_TRY_ASSIGN(FrameStream stream, FrameStream::open(path, index, threads, {}, wish));
    std::vector<bool> wanted(static_cast<std::size_t>(index->frameCount()), false);
    for (std::int64_t sample = 0; sample < times.count(); ++sample)
        wanted[static_cast<std::size_t>(times.frameFor(sample))] = true;
    stream.setWanted(std::move(wanted));
    return FrameSampler(std::make_unique<Impl>(std::move(stream), plan, std::move(times)));
}

Result<FrameSampler> FrameSampler::open(
    const std::filesystem::path& path, const SamplePlan& plan, std::stop_token stop)
{
    CLIP_TRY_ASSIGN(VideoIndex index, buildIndex(path, std::move(stop)));
    return open(path, std::make_shared<const VideoIndex>(std::move(index)), plan);
}

std::int64_t FrameSampler::secondCount() const
{
    return m_impl->times.seconds();
}

void FrameSampler::skipTo(std::int64_t second)
{
    CLIP_REQUIRE(second >= 0 && second <= secondCount(), std::to_string(second));
    if (second == m_impl->second)
        return;
    m_impl->second = second;
    m_impl->mustSeek = true;
    m_impl->ended = false;
    m_impl->shown.reset();
    m_impl->ahead.reset();
    m_impl->uniformFrame = -1;
}

Result<std::optional<SecondOfFrames>> FrameSampler::next(std::stop_token stop)
{
    if (m_impl->second >= secondCount())
        return std::optional<SecondOfFrames>();
    CLIP_TRY_ASSIGN(SecondOfFrames second, m_impl->read(std::move(stop)));
    return std::optional<SecondOfFrames>(std::move(second));
}

std::int64_t FrameSampler::decodedFrames() const
{
    return m_impl->stream.decodedFrames();
}

} // namespace clipscope::media
