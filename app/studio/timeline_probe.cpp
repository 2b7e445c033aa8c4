#include "app/studio/timeline_probe.h"

#include "app/studio/frame_times.h"
#include "labels/annotation.h"
#include "media/waveform.h"
#include "widgets/results/thumbnail_source.h"
#include "widgets/timeline/timeline_scene.h"
#include "widgets/timeline/timeline_view.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QMouseEvent>
#include <QWindow>

#include <algorithm>
#include <cmath>

namespace clipscope::studio {

namespace {

constexpr int filmSeconds = 3 * 3600;
constexpr int framesOfAKind = 240;
constexpr std::chrono::milliseconds lookInterval{ 20 };
constexpr int decimals = 2;
constexpr int ticksPerFrame = 40, ticksPerSecond = 1000;

/// Always has a picture, as a film does that was looked at before.
class Pictures final : public widgets::ThumbnailSource
{
public:
    QImage thumbnail(const widgets::ThumbnailKey& key) override
    {
        if (m_image.size() != key.size) {
            m_image = QImage(key.size, QImage::Format_RGB32);
            m_image.fill(qRgb(90, 110, 120));
        }
        return m_image;
    }

private:
    QImage m_image;
};

/// The same numbers with every run.
class Numbers final
{
public:
    double next() ///< in [0, 1)
    {
        m_state = m_state * 1664525U + 1013904223U;
        return static_cast<double>(m_state >> 8U) / (1U << 24U);
    }

private:
    std::uint32_t m_state = 20;
};

std::shared_ptr<labels::Annotation> annotationOf(int segments, const labels::LabelSet& set)
{
    Numbers numbers;
    auto made = std::make_shared<labels::Annotation>();
    std::int64_t id = 1;
    for (const labels::Source source : { labels::Source::Model, labels::Source::Hand }) {
        labels::Tier tier{ static_cast<std::int64_t>(made->tiers.size()) + 1,
            source == labels::Source::Model ? "Model" : "Hand", source, set.name, {} };
        const int count = segments / 2;
        const double mean = static_cast<double>(filmSeconds) / count;
        for (int i = 0; i < count; ++i) {
            const double start = mean * (i + 0.4 * numbers.next());
            const auto label
                = static_cast<std::size_t>(numbers.next() * static_cast<double>(set.labels.size()));
            tier.segments.push_back({ id++, start, mean * (i + 0.5 + 0.5 * numbers.next()),
                set.labels[label].name, 0.5, source,
                i % 5 == 0 ? labels::Verdict::Rejected : labels::Verdict::Accepted, {} });
        }
        made->tiers.push_back(std::move(tier));
    }
    return made;
}

std::shared_ptr<widgets::TimelineCurves> curvesOf(const labels::LabelSet& set)
{
    Numbers numbers;
    auto made = std::make_shared<widgets::TimelineCurves>();
    for (const labels::Label& label : set.labels)
        made->labels.push_back(label.name);
    for (int second = 0; second < filmSeconds; ++second) {
        for (std::size_t label = 0; label < set.labels.size(); ++label)
            made->scores.push_back(static_cast<float>(
                std::sin(second * 0.01 * static_cast<double>(label + 1)) + 0.4 * numbers.next()));
        made->margins.push_back(static_cast<float>(numbers.next()));
    }
    made->threshold = 0.5;
    made->doubtfulMargin = 0.1;
    return made;
}

void fill(widgets::TimelineView& view, int segments, int curves)
{
    labels::LabelSet set;
    for (int i = 0; i < curves; ++i)
        set.labels.push_back({ "label " + std::to_string(i + 1), {}, {}, {}, {}, 0, {} });
    std::vector<media::IndexedFrame> frames;
    constexpr std::int64_t end = std::int64_t{ filmSeconds } * ticksPerSecond;
    for (std::int64_t at = 0; at < end; at += ticksPerFrame)
        frames.push_back({ at, at, true });
    view.setVideo({ 1, filmSeconds,
        std::make_shared<media::VideoIndex>(0, 1, ticksPerSecond,
            media::FrameIdentity::PresentationTime, std::move(frames), end) });
    view.setLabelSet(set);
    view.setAnnotation(annotationOf(segments, set));
    view.setCurves(curvesOf(set));
    Numbers numbers;
    std::vector<media::Peak> peaks(
        static_cast<std::size_t>(filmSeconds) * media::Waveform::bucketsPerSecond);
    for (media::Peak& peak : peaks) {
        peak.highest = static_cast<std::int16_t>(30000.0 * numbers.next());
        peak.lowest = static_cast<std::int16_t>(-peak.highest);
    }
    view.setWaveform(std::make_shared<media::Waveform>(std::move(peaks)));
}

void mouse(widgets::TimelineView& view, QEvent::Type type, const QPointF& at)
{
    const bool move = type == QEvent::MouseMove;
    QMouseEvent event(type, at, view.mapToGlobal(at), move ? Qt::NoButton : Qt::LeftButton,
        type == QEvent::MouseButtonRelease ? Qt::NoButton : Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&view, &event);
}

} // namespace

TimelineProbe::TimelineProbe(int segments, int curves, const QSize& size)
    : m_pictures(std::make_unique<Pictures>())
{
    m_view.setThumbnails(m_pictures.get());
    fill(m_view, segments, curves);
    m_view.resize(size);
    m_view.show();
    connect(&m_look, &QTimer::timeout, this, [this] {
        if (!m_view.windowHandle()->isExposed())
            return;
        m_look.stop();
        run();
    });
    m_look.start(lookInterval);
}

TimelineProbe::~TimelineProbe()
{
    m_view.setThumbnails(nullptr);
}

QString TimelineProbe::measured(const QString& kind, const std::function<void(double)>& wish)
{
    std::vector<double> wall, processor;
    QCoreApplication::sendPostedEvents(&m_view, QEvent::UpdateRequest); // what came before
    for (int frame = 0; frame < framesOfAKind; ++frame) {
        QElapsedTimer clock;
        clock.start();
        const double before = processorMilliseconds();
        wish(static_cast<double>(frame + 1) / framesOfAKind);
        // Paints what was asked for and no more, at once.
        QCoreApplication::sendPostedEvents(&m_view, QEvent::UpdateRequest);
        processor.push_back(processorMilliseconds() - before);
        wall.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    return kind + QStringLiteral(": ") + frameTimesText(wall, decimals)
        + QStringLiteral("; processor ") + frameTimesText(processor, decimals) + QLatin1Char('\n');
}

void TimelineProbe::beginDrag()
{
    // A segment of the hand in the middle of the film.
    const std::vector<labels::Segment>& hand = m_view.scene().annotation->tiers.back().segments;
    const labels::Segment& segment = hand[hand.size() / 2];
    m_view.setVisibleRange({ segment.startSeconds - 20.0, segment.startSeconds + 40.0 });
    const QRectF band = m_view.areaOf(segment.id);
    m_border = { band.right() - 3.0, band.center().y() };
    mouse(m_view, QEvent::MouseButtonPress, m_border);
}

void TimelineProbe::run()
{
    const double all = filmSeconds;
    QString text = QStringLiteral("%1 x %2 at %3 %\n")
                       .arg(m_view.width())
                       .arg(m_view.height())
                       .arg(100.0 * m_view.devicePixelRatioF());
    for (const auto& [name, length] : { std::pair("pan, a minute in sight", 60.0),
             { "pan, ten minutes in sight", 600.0 }, { "pan, two hours in sight", 7200.0 } })
        text += measured(QLatin1String(name), [&, seconds = length](double share) {
            const double start = share * std::min(all - seconds, 3.0 * seconds);
            m_view.setVisibleRange({ start, start + seconds });
        });
    text += measured(QStringLiteral("zoom from the film to frames"), [&](double share) {
        const double length = all * std::pow(0.25 / all, share);
        m_view.setVisibleRange({ 4000.0 - 0.4 * length, 4000.0 + 0.6 * length });
    });
    m_view.setVisibleRange({ 0.0, 60.0 });
    text += measured(QStringLiteral("play cursor"),
        [&](double share) { m_view.setPosition(share * framesOfAKind * 0.04); });
    beginDrag();
    text += measured(QStringLiteral("border dragged"), [&](double share) {
        mouse(m_view, QEvent::MouseMove, m_border + QPointF(40.0 * share, 0.0));
    });
    m_view.cancelDrag();
    Q_EMIT finished(text);
}

} // namespace clipscope::studio
