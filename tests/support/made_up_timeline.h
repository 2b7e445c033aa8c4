#pragma once

#include "labels/annotation.h"
#include "labels/label_set.h"
#include "media/waveform.h"
#include "widgets/results/thumbnail_source.h"
#include "widgets/timeline/timeline_view.h"

#include <QLinearGradient>
#include <QPainter>

#include <cmath>

namespace clipscope::test {

/// A video with frames every 40 ms, or of changing length.
inline widgets::TimelineVideo madeUpVideo(double seconds, bool variable = false)
{
    std::vector<media::IndexedFrame> frames;
    std::int64_t ticks = 0;
    const auto end = static_cast<std::int64_t>(std::llround(seconds * 1000.0));
    for (int i = 0; ticks < end; ++i) {
        frames.push_back({ ticks, ticks, i % 25 == 0 });
        ticks += variable ? (i % 3 == 0 ? 80 : 30) : 40;
    }
    return { 1, seconds,
        std::make_shared<media::VideoIndex>(
            0, 1, 1000, media::FrameIdentity::PresentationTime, std::move(frames), end) };
}

inline labels::LabelSet madeUpLabels()
{
    labels::LabelSet set;
    set.name = "Make tea";
    const std::pair<const char*, std::vector<std::string>> each[]
        = { { "boil water", { "boil the water", "switch the kettle on" } },
              { "rinse pot", { "rinse the tea pot" } }, { "add leaves", { "add tea leaves" } },
              { "pour water", { "pour hot water", "fill the pot" } }, { "steep", {} },
              { "stir", { "stir with a spoon" } }, { "pour tea", { "pour tea into the cup" } },
              { "add milk", {} } };
    for (const auto& [name, wordings] : each)
        set.labels.push_back({ name, wordings, {}, {}, {}, 0, {} });
    return set;
}

/// A labelling by the model, and a hand that has corrected the first two thirds of it.
struct MadeUpTimeline
{
    labels::LabelSet set = madeUpLabels();
    labels::Annotation annotation;
    widgets::TimelineCurves curves;
    std::vector<double> changePoints;
    media::Waveform waveform;
};

inline MadeUpTimeline madeUpTimeline(int seconds, int segments, int labels)
{
    MadeUpTimeline made;
    for (int i = static_cast<int>(made.set.labels.size()); i < labels; ++i)
        made.set.labels.push_back({ "step " + std::to_string(i + 1), {}, {}, {}, {}, 0, {} });
    made.set.labels.resize(static_cast<std::size_t>(labels));
    std::uint32_t random = 12345;
    const auto next = [&random] {
        random = random * 1664525U + 1013904223U;
        return static_cast<double>(random >> 8U) / (1U << 24U);
    };
    labels::Tier model{ 1, "Starter", labels::Source::Model, made.set.name, {} };
    labels::Tier hand{ 2, "Steps", labels::Source::Hand, made.set.name, {} };
    std::vector<int> truth(static_cast<std::size_t>(seconds), -1);
    double at = 0.0;
    std::int64_t id = 1;
    const double mean = static_cast<double>(seconds) / std::max(segments / 2, 1);
    for (int i = 0; at < seconds - 1.0; ++i) {
        const double start = std::round(at + (next() < 0.4 ? 0.25 * mean * next() : 0.0));
        const double stop
            = std::min<double>(std::round(start + std::max(1.0, mean * (0.5 + next()))), seconds);
        if (stop <= start)
            break;
        const int label = static_cast<int>(next() * labels);
        labels::Segment segment{ id++, start, stop,
            made.set.labels[static_cast<std::size_t>(label)].name, 0.3 + 0.4 * next(),
            labels::Source::Model, labels::Verdict::Open, {} };
        const double say = next();
        if (start < 0.66 * seconds) {
            segment.verdict = say < 0.2 ? labels::Verdict::Rejected
                : say < 0.7             ? labels::Verdict::Accepted
                                        : labels::Verdict::Open;
            if (segment.verdict != labels::Verdict::Rejected)
                hand.segments.push_back({ 1000000 + id,
                    std::max(hand.segments.empty() ? 0.0 : hand.segments.back().stopSeconds,
                        start - 0.4 * next()),
                    stop - 0.3 * next(), segment.label, {}, labels::Source::Hand,
                    labels::Verdict::Accepted, {} });
        }
        for (int second = static_cast<int>(start); second < static_cast<int>(stop); ++second)
            truth[static_cast<std::size_t>(second)] = label;
        made.changePoints.push_back(start);
        model.segments.push_back(std::move(segment));
        at = stop;
    }
    labels::Tier events{ 3, "Remarks", labels::Source::Hand, {}, {} };
    for (int i = 1; i < 6; ++i)
        events.segments.push_back({ 2000000 + i, seconds * 0.16 * i, seconds * 0.16 * i, "spill",
            {}, labels::Source::Hand, labels::Verdict::Accepted, {} });
    if (!hand.segments.empty())
        hand.segments[hand.segments.size() / 4].note = "left hand";
    made.annotation.tiers = { std::move(model), std::move(hand), std::move(events) };
    for (const labels::Label& label : made.set.labels)
        made.curves.labels.push_back(label.name);
    std::vector<float> level(static_cast<std::size_t>(labels), 0.1F);
    for (int second = 0; second < seconds; ++second) {
        float best = -1.0F, other = -1.0F;
        for (int label = 0; label < labels; ++label) {
            float& value = level[static_cast<std::size_t>(label)];
            const float wanted = truth[static_cast<std::size_t>(second)] == label ? 0.62F : 0.12F;
            value += 0.45F * (wanted - value) + 0.10F * static_cast<float>(next() - 0.5);
            made.curves.scores.push_back(value);
            if (value > best) {
                other = best;
                best = value;
            } else
                other = std::max(other, value);
        }
        made.curves.margins.push_back(best - other);
    }
    made.curves.threshold = 0.32;
    made.curves.doubtfulMargin = 0.04;
    std::vector<media::Peak> peaks;
    for (int i = 0; i < seconds * media::Waveform::bucketsPerSecond; ++i) {
        const double swell = 0.25 + 0.7 * std::pow(std::abs(std::sin(i * 0.0021)), 3.0);
        const auto high = static_cast<std::int16_t>(26000.0 * swell * next());
        peaks.push_back({ static_cast<std::int16_t>(-high * 0.8), high });
    }
    made.waveform = media::Waveform(std::move(peaks));
    return made;
}

/// Pictures that differ with time, made at once.
class MadeUpThumbnails final : public widgets::ThumbnailSource
{
public:
    QImage thumbnail(const widgets::ThumbnailKey& key) override
    {
        ++wishes;
        if (const auto found = m_made.constFind(key); found != m_made.constEnd())
            return *found;
        QImage image(key.size, QImage::Format_RGB32);
        QPainter painter(&image);
        const int hue = static_cast<int>(key.milliseconds / 700 % 360);
        QLinearGradient sky(0, 0, 0, image.height());
        sky.setColorAt(0.0, QColor::fromHsv(hue, 60, 150));
        sky.setColorAt(1.0, QColor::fromHsv((hue + 40) % 360, 90, 70));
        painter.fillRect(image.rect(), sky);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor::fromHsv((hue + 180) % 360, 80, 190));
        const double x = image.width()
            * (0.5 + 0.3 * std::sin(static_cast<double>(key.milliseconds) / 3000.0));
        painter.drawEllipse(
            QPointF(x, image.height() * 0.6), image.height() * 0.25, image.height() * 0.25);
        painter.end();
        m_made.insert(key, image);
        return image;
    }
    int wishes = 0;

private:
    QHash<widgets::ThumbnailKey, QImage> m_made;
};

/// Everything of `made` on a view.
inline void fill(widgets::TimelineView& view, const MadeUpTimeline& made, double seconds)
{
    view.setVideo(madeUpVideo(seconds));
    view.setLabelSet(made.set);
    view.setAnnotation(std::make_shared<labels::Annotation>(made.annotation));
    view.setCurves(std::make_shared<widgets::TimelineCurves>(made.curves));
    view.setChangePoints(made.changePoints);
    view.setWaveform(std::make_shared<media::Waveform>(made.waveform));
}

} // namespace clipscope::test
