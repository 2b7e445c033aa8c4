#include "widgets/player/heat_strip.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QAccessibleWidget>
#include <QEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr int trackHeight = 14;
constexpr int timeHeight = 16; // above the track: hover time and the bracket of the moment
constexpr int handleOverhang = 3;
constexpr int sideMargin = 6; // room for the handle at both ends

/// A slider for screen readers: value in seconds, text with the score under the scrubber.
class AccessibleHeatStrip final : public QAccessibleWidget, public QAccessibleValueInterface
{
public:
    explicit AccessibleHeatStrip(HeatStrip* strip)
        : QAccessibleWidget(strip, QAccessible::Slider)
        , m_strip(strip)
    {
    }

    void* interface_cast(QAccessible::InterfaceType type) override
    {
        if (type == QAccessible::ValueInterface)
            return static_cast<QAccessibleValueInterface*>(this);
        return QAccessibleWidget::interface_cast(type);
    }
    QString text(QAccessible::Text kind) const override
    {
        return kind == QAccessible::Value ? m_strip->spokenValue() : QAccessibleWidget::text(kind);
    }
    QVariant currentValue() const override { return m_strip->position(); }
    void setCurrentValue(const QVariant& value) override
    {
        Q_EMIT m_strip->scrubFinished(value.toDouble());
    }
    QVariant maximumValue() const override { return m_strip->duration(); }
    QVariant minimumValue() const override { return 0.0; }
    QVariant minimumStepSize() const override { return 1.0; }

private:
    HeatStrip* m_strip;
};

QAccessibleInterface* accessibleHeatStrip(const QString&, QObject* object)
{
    auto* strip = qobject_cast<HeatStrip*>(object);
    return strip ? new AccessibleHeatStrip(strip) : nullptr;
}

/// One value per device pixel, the maximum of the seconds under it.
std::vector<float> columns(const HeatGeometry& geometry, const HeatScores& scores, int count)
{
    std::vector<float> values(static_cast<std::size_t>(count), 0.0F);
    const double secondsPerColumn = geometry.durationSeconds / count;
    const auto last = static_cast<std::ptrdiff_t>(scores.perSecond.size()) - 1;
    for (int column = 0; column < count; ++column) {
        const auto from = std::min(static_cast<std::ptrdiff_t>(column * secondsPerColumn), last);
        const auto to = std::clamp(
            static_cast<std::ptrdiff_t>(std::ceil((column + 1) * secondsPerColumn)) - 1, from,
            last);
        values[static_cast<std::size_t>(column)]
            = *std::max_element(scores.perSecond.begin() + from, scores.perSecond.begin() + to + 1);
    }
    return values;
}

} // namespace

double HeatGeometry::xOf(double seconds) const
{
    if (durationSeconds <= 0.0)
        return track.left();
    return track.left() + track.width() * std::clamp(seconds / durationSeconds, 0.0, 1.0);
}

double HeatGeometry::secondsAt(double x) const
{
    if (track.width() <= 0.0)
        return 0.0;
    return durationSeconds * std::clamp((x - track.left()) / track.width(), 0.0, 1.0);
}

QRectF HeatGeometry::cell(int second) const
{
    const double left = xOf(second);
    return { left, track.top(), xOf(second + 1) - left, track.height() };
}

std::optional<int> HeatGeometry::secondUnder(double x) const
{
    if (durationSeconds <= 0.0 || x < track.left() || x >= track.right())
        return std::nullopt;
    return static_cast<int>(std::floor(secondsAt(x)));
}

void paintHeat(QPainter& painter, const HeatGeometry& geometry, const HeatScores& scores,
    const QPalette& palette, double cornerRadius)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath outline;
    outline.addRoundedRect(geometry.track, cornerRadius, cornerRadius);
    if (scores.perSecond.empty() || geometry.durationSeconds <= 0.0) {
        painter.fillPath(outline, tokens(palette).border);
        painter.restore();
        return;
    }
    const double ratio = painter.device()->devicePixelRatioF();
    const int count = std::max(1, static_cast<int>(std::lround(geometry.track.width() * ratio)));
    QImage row(count, 1, QImage::Format_RGB32);
    auto* pixels = reinterpret_cast<QRgb*>(row.scanLine(0));
    const std::vector<float> values = columns(geometry, scores, count);
    std::transform(values.begin(), values.end(), pixels,
        [](float value) { return heatColour(static_cast<double>(value)).rgb(); });
    painter.setClipPath(outline, Qt::IntersectClip);
    painter.drawImage(geometry.track, row);
    painter.restore();
}

HeatStrip::HeatStrip(QWidget* parent)
    : QWidget(parent)
{
    static const bool installed = [] {
        QAccessible::installFactory(accessibleHeatStrip);
        return true;
    }();
    Q_UNUSED(installed)
    setObjectName(QStringLiteral("heatStrip"));
    setAccessibleName(tr("Position in the video"));
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setLayoutDirection(Qt::LeftToRight); // time never runs from right to left
}

void HeatStrip::setDuration(double seconds)
{
    m_duration = std::max(0.0, seconds);
    update();
}

void HeatStrip::setScores(HeatScores scores)
{
    if (scores == m_scores)
        return;
    m_scores = std::move(scores);
    update();
}

void HeatStrip::setPosition(double seconds)
{
    if (seconds == m_position)
        return;
    m_position = seconds;
    if (QAccessible::isActive()) {
        QAccessibleValueChangeEvent event(this, m_position);
        QAccessible::updateAccessibility(&event);
    }
    update();
}

void HeatStrip::setMarkedRange(std::optional<std::pair<double, double>> range)
{
    m_markedRange = range;
    update();
}

HeatGeometry HeatStrip::geometryForPaint() const
{
    return { QRectF(sideMargin, timeHeight, width() - 2 * sideMargin, trackHeight), m_duration };
}

QString HeatStrip::spokenValue() const
{
    QString place = tr("%1 of %2").arg(shortTime(m_position), shortTime(m_duration));
    const auto second = static_cast<std::size_t>(std::max(0.0, m_position));
    if (second >= m_scores.perSecond.size())
        return place;
    const int percent = static_cast<int>(std::lround(100.0F * m_scores.perSecond[second]));
    return tr("%1, match %2 %").arg(place).arg(percent);
}

QSize HeatStrip::sizeHint() const
{
    return { 320, timeHeight + trackHeight + handleOverhang + 1 };
}

QSize HeatStrip::minimumSizeHint() const
{
    return { 80, sizeHint().height() };
}

void HeatStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const HeatGeometry geometry = geometryForPaint();
    paintHeat(painter, geometry, m_scores, palette(), chipRadius);
    if (m_duration <= 0.0)
        return;
    if (m_markedRange) {
        const double left = geometry.xOf(m_markedRange->first);
        const double right = geometry.xOf(m_markedRange->second);
        painter.setPen(QPen(tokens(this).accent, 2.0, Qt::SolidLine, Qt::FlatCap));
        const double y = geometry.track.top() - 3.0;
        painter.drawLine(QPointF(left, y), QPointF(std::max(right, left + 2.0), y));
    }
    paintScrubber(painter, geometry);
    if (m_hoverX)
        paintHoverTime(painter, geometry);
}

void HeatStrip::paintScrubber(QPainter& painter, const HeatGeometry& geometry) const
{
    const Tokens& colours = tokens(this);
    const double x = geometry.xOf(m_position);
    QRectF handle(x - 2.0, geometry.track.top() - handleOverhang, 4.0,
        geometry.track.height() + 2.0 * handleOverhang);
    // The rim keeps the handle visible on any heat colour.
    painter.setPen(QPen(colours.panel, 1.5));
    painter.setBrush(colours.text);
    painter.drawRoundedRect(handle, 2.0, 2.0);
}

void HeatStrip::paintHoverTime(QPainter& painter, const HeatGeometry& geometry) const
{
    const Tokens& colours = tokens(this);
    const QString text = shortTime(geometry.secondsAt(*m_hoverX));
    painter.setFont(typeface(TypeSize::Secondary));
    const double textWidth = painter.fontMetrics().horizontalAdvance(text);
    const double x = geometry.xOf(geometry.secondsAt(*m_hoverX));
    const double left = std::clamp(x - textWidth / 2.0, 0.0, width() - textWidth);
    painter.setPen(QPen(colours.text, 1.0));
    painter.drawLine(QPointF(x, geometry.track.top()), QPointF(x, geometry.track.bottom()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours.panel);
    painter.drawRect(QRectF(left - 4.0, 0.0, textWidth + 8.0, timeHeight - 1.0));
    painter.setPen(colours.secondary);
    painter.drawText(QRectF(left, 0.0, textWidth + 1.0, timeHeight - 1.0), Qt::AlignCenter, text);
}

void HeatStrip::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_duration <= 0.0) {
        event->ignore();
        return;
    }
    m_dragging = true;
    Q_EMIT scrubbed(geometryForPaint().secondsAt(event->position().x()));
}

void HeatStrip::mouseMoveEvent(QMouseEvent* event)
{
    m_hoverX = event->position().x();
    if (m_dragging)
        Q_EMIT scrubbed(geometryForPaint().secondsAt(*m_hoverX));
    update();
}

void HeatStrip::mouseReleaseEvent(QMouseEvent* event)
{
    if (!m_dragging || event->button() != Qt::LeftButton)
        return;
    m_dragging = false;
    Q_EMIT scrubFinished(geometryForPaint().secondsAt(event->position().x()));
}

void HeatStrip::leaveEvent(QEvent*)
{
    m_hoverX.reset();
    update();
}

} // namespace clipscope::widgets
