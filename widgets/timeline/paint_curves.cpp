// The part of TimelinePainter that draws the scores of all labels.

#include "widgets/common/format.h"
#include "widgets/timeline/timeline_painter.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace clipscope::widgets {

namespace {

constexpr double marginsHeight = 14.0;
constexpr double legendLine = 17.0;

float interpolated(std::span<const float> values, double seconds)
{
    const double place = seconds - 0.5; // in seconds between the middles
    const auto last = static_cast<std::ptrdiff_t>(values.size()) - 1;
    const auto below
        = std::clamp(static_cast<std::ptrdiff_t>(std::floor(place)), std::ptrdiff_t{ 0 }, last);
    const auto above = std::min(below + 1, last);
    const auto share = static_cast<float>(std::clamp(place - static_cast<double>(below), 0.0, 1.0));
    const float from = values[static_cast<std::size_t>(below)];
    return from + (values[static_cast<std::size_t>(above)] - from) * share;
}

/// Steep lines as thick as level ones: a column reaches to the middles of those beside it.
void thicken(std::span<ColumnSpan> spans)
{
    float before = std::numeric_limits<float>::quiet_NaN();
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const ColumnSpan own = spans[i];
        const auto reach = [&](float middle) {
            if (std::isfinite(middle) && std::isfinite(own.top)) {
                spans[i].top = std::min(spans[i].top, middle);
                spans[i].bottom = std::max(spans[i].bottom, middle);
            }
        };
        reach(before);
        if (i + 1 < spans.size())
            reach(0.5F * (spans[i + 1].top + spans[i + 1].bottom));
        before = 0.5F * (own.top + own.bottom);
    }
}

} // namespace

CurveRows CurveRows::of(const TimelineCurves& curves)
{
    CurveRows rows;
    rows.seconds = curves.seconds();
    const std::size_t labels = curves.labels.size();
    rows.values.resize(labels * rows.seconds);
    float low = std::numeric_limits<float>::infinity(), high = -low;
    for (std::size_t second = 0; second < rows.seconds; ++second)
        for (std::size_t label = 0; label < labels; ++label) {
            float value = curves.scores[second * labels + label];
            if (std::isfinite(value)) {
                low = std::min(low, value);
                high = std::max(high, value);
            } else
                value = 0.0F;
            rows.values[label * rows.seconds + second] = value;
        }
    if (curves.threshold && std::isfinite(*curves.threshold)) {
        low = std::min(low, static_cast<float>(*curves.threshold));
        high = std::max(high, static_cast<float>(*curves.threshold));
    }
    if (low < high) {
        rows.lowest = low;
        rows.highest = high;
    }
    float widest = 0.0F;
    for (const float margin : curves.margins)
        if (std::isfinite(margin))
            widest = std::max(widest, margin);
    rows.widestMargin = widest > 0.0F ? widest : 1.0F;
    return rows;
}

void curveColumns(std::span<const float> perSecond, double startSeconds, double secondsPerColumn,
    std::size_t count, std::vector<std::pair<float, float>>& out)
{
    constexpr float none = std::numeric_limits<float>::infinity();
    out.assign(count, { none, -none });
    const auto end = static_cast<double>(perSecond.size());
    if (perSecond.empty())
        return;
    float before = interpolated(perSecond, startSeconds);
    auto next = static_cast<std::size_t>(std::max(0.0, std::ceil(startSeconds - 0.5)));
    for (std::size_t column = 0; column < count; ++column) {
        const double from = startSeconds + secondsPerColumn * static_cast<double>(column);
        const double to = from + secondsPerColumn;
        const float after = interpolated(perSecond, to);
        if (to > 0.0 && from < end) {
            float low = std::min(before, after), high = std::max(before, after);
            for (; next < perSecond.size() && static_cast<double>(next) + 0.5 < to; ++next) {
                low = std::min(low, perSecond[next]);
                high = std::max(high, perSecond[next]);
            }
            out[column] = { low, high };
        }
        before = after;
    }
}

void TimelinePainter::paintCurves(PixelRaster& raster, const TimelineRow& row)
{
    if (!m_scene.curves || m_scene.curveRows.seconds == 0)
        return;
    const CurveRows& curves = m_scene.curveRows;
    const bool margins = !m_scene.curves->margins.empty();
    const QRect area = device(QRectF(m_rows.contentLeft(), row.top + 6.0, m_rows.contentWidth(),
        row.height - 13.0 - (margins ? marginsHeight : 0.0)));
    const auto scale = static_cast<float>(area.height()) / (curves.highest - curves.lowest);
    const auto yOf = [&](float value) {
        return static_cast<float>(area.bottom() + 1) - (value - curves.lowest) * scale;
    };
    if (m_scene.curves->threshold) {
        const auto y = static_cast<int>(yOf(static_cast<float>(*m_scene.curves->threshold)));
        const int dash = std::max(2, device(4.0)), line = std::max(1, device(1.0));
        for (int x = area.left(); x <= area.right(); x += 2 * dash)
            raster.fill({ x, y, dash, line }, m_tokens.strongBorder.rgb());
    }
    const double perColumn = m_axis.visible.seconds() / std::max(1, area.width());
    std::vector<std::pair<float, float>> extremes;
    const auto columns = static_cast<std::size_t>(std::max(0, area.width()));
    const std::vector<std::string>& names = m_scene.curves->labels;
    std::vector<ColumnSpan> spans(columns * names.size());
    std::vector<CurveLine> lines;
    // Where many seconds share a column, curves become areas, and areas hide each other.
    const auto alpha = static_cast<float>(std::clamp(0.85 - 0.2 * perColumn, 0.3, 0.85));
    const auto found = std::ranges::find(names, m_scene.highlighted);
    const bool front = found != names.end();
    const auto add = [&](std::size_t label, float width, float opacity) {
        curveColumns(curves.row(label), m_axis.visible.startSeconds, perColumn, columns, extremes);
        const std::span own = std::span(spans).subspan(label * columns, columns);
        for (std::size_t i = 0; i < columns; ++i)
            own[i] = { yOf(extremes[i].second), yOf(extremes[i].first) };
        const float thickness = width * static_cast<float>(m_ratio);
        if (thickness >= 2.0F)
            thicken(own);
        lines.push_back(
            { own, visibleLine(m_scene.colours.colour(names[label], m_tokens.dark), m_tokens).rgb(),
                thickness, opacity });
    };
    for (std::size_t label = 0; label < names.size(); ++label)
        if (!front || names[label] != m_scene.highlighted)
            add(label, 1.25F, front ? std::min(alpha, 0.4F) : alpha);
    if (front)
        add(static_cast<std::size_t>(found - names.begin()), 2.0F, 1.0F);
    raster.curves(area.left(), lines);
    if (margins)
        paintMargins(raster,
            device(QRectF(m_rows.contentLeft(), row.bottom() - 1.0 - marginsHeight,
                m_rows.contentWidth(), marginsHeight)));
}

void TimelinePainter::paintMargins(PixelRaster& raster, const QRect& area) const
{
    const std::span<const float> margins = m_scene.curves->margins;
    const double perColumn = m_axis.visible.seconds() / std::max(1, area.width());
    const QRgb plain = overPanel(m_tokens.secondary, m_tokens.panel, 0.35).rgb();
    const auto doubtful = static_cast<float>(m_scene.curves->doubtfulMargin);
    for (int column = 0; column < area.width(); ++column) {
        // Seconds as they are, without slopes: a doubtful one is marked from start to stop.
        const double from = m_axis.visible.startSeconds + perColumn * column;
        const auto first = static_cast<std::ptrdiff_t>(std::floor(from));
        const auto last = static_cast<std::ptrdiff_t>(std::ceil(from + perColumn)) - 1;
        float least = std::numeric_limits<float>::infinity();
        int count = 0, marked = 0;
        for (auto second = std::max(first, std::ptrdiff_t{ 0 });
             second <= std::max(first, last) && second < std::ssize(margins); ++second) {
            const float margin = margins[static_cast<std::size_t>(second)];
            least = std::min(least, margin);
            marked += margin < doubtful;
            ++count;
        }
        if (!std::isfinite(least))
            continue;
        const float share = std::clamp(least / m_scene.curveRows.widestMargin, 0.0F, 1.0F);
        const int height
            = std::max(1, static_cast<int>(std::lround(share * static_cast<float>(area.height()))));
        const int x = area.left() + column;
        if (marked > 0)
            raster.blend({ x, area.top(), 1, area.height() }, m_tokens.warning.rgb(),
                0.15F + 0.85F * static_cast<float>(marked) / static_cast<float>(count));
        else
            raster.fill({ x, area.bottom() + 1 - height, 1, height }, plain);
    }
}

void TimelinePainter::paintCurvesHeader(QPainter& painter, const TimelineRow& row)
{
    QRectF line(space::m, row.top + 5.0, m_rows.headerWidth - space::m - space::s, legendLine);
    painter.setPen(m_tokens.secondary);
    painter.setFont(typeface(TypeSize::Secondary));
    painter.drawText(line, Qt::AlignVCenter | Qt::AlignLeft,
        QCoreApplication::translate("TimelineView", "Scores at the cursor"));
    const CurveRows& curves = m_scene.curveRows;
    if (!m_scene.curves || curves.seconds == 0)
        return;
    const auto second
        = std::min(static_cast<std::size_t>(std::max(0.0, m_scene.position)), curves.seconds - 1);
    std::vector<std::size_t> order(m_scene.curves->labels.size());
    std::iota(order.begin(), order.end(), std::size_t{ 0 });
    std::ranges::sort(
        order, std::greater<>(), [&](std::size_t label) { return curves.row(label)[second]; });
    for (const std::size_t label : order) {
        line.translate(0.0, legendLine);
        if (line.bottom() > row.bottom() - 3.0)
            break;
        const std::string& name = m_scene.curves->labels[label];
        painter.setPen(Qt::NoPen);
        painter.setBrush(visibleLine(m_scene.colours.colour(name, m_tokens.dark), m_tokens));
        painter.drawRoundedRect(QRectF(line.left(), line.center().y() - 4.0, 8.0, 8.0), 2.0, 2.0);
        const QString score
            = QString::number(static_cast<double>(curves.row(label)[second]), 'f', 2);
        painter.setPen(m_tokens.secondary);
        painter.drawText(line, Qt::AlignVCenter | Qt::AlignRight, score);
        const double room
            = line.width() - 14.0 - painter.fontMetrics().horizontalAdvance(score) - space::s;
        painter.setPen(m_tokens.text);
        painter.drawText(line.adjusted(14.0, 0.0, 0.0, 0.0), Qt::AlignVCenter | Qt::AlignLeft,
            painter.fontMetrics().elidedText(
                fromUtf8(name), Qt::ElideRight, static_cast<int>(room)));
    }
}

} // namespace clipscope::widgets
