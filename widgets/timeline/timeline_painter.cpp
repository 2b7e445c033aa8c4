#include "widgets/timeline/timeline_painter.h"

#include "widgets/common/format.h"
#include "widgets/results/thumbnail_source.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr double labelPixels = 84.0; // between two labelled ticks at least
constexpr double tickPixels = 8.0; // between two ticks at least
constexpr double framePixels = 6.0; // a frame this wide has a tick
constexpr double frameNumberPixels = 44.0; // and this wide a number
constexpr double cursorHead = 5.0; // half the width of the play cursor's head
constexpr float veil = 0.62F; // over what of the minimap is not in sight

QString tr(const char* text)
{
    return QCoreApplication::translate("TimelineView", text);
}

QString nameOf(RowKind kind)
{
    switch (kind) {
    case RowKind::Waveform:
        return tr("Sound");
    case RowKind::Pictures:
        return tr("Pictures");
    case RowKind::Curves:
        return tr("Scores");
    case RowKind::Minimap:
        return tr("Video");
    case RowKind::Ruler:
    case RowKind::Tier:
        break;
    }
    return {};
}

} // namespace

QString rulerText(double seconds, double stepSeconds)
{
    // Half a thousandth more, so that 2.9999999 is not 2.9.
    const double shown = seconds + 5e-4;
    QString whole = shortTime(shown);
    int digits = 0;
    for (double step = stepSeconds; step < 0.999 && digits < 3; step *= 10.0)
        ++digits;
    if (digits == 0)
        return whole;
    const QString fraction
        = QString::number(std::lround(std::floor(seconds * 1000.0 + 0.5)) % 1000);
    return whole + QLatin1Char('.') + fraction.rightJustified(3, QLatin1Char('0')).left(digits);
}

TimelinePainter::TimelinePainter(const TimelineScene& scene, const TimelineRows& rows,
    const TimeAxis& axis, const QPalette& palette, qreal ratio)
    : m_scene(scene)
    , m_rows(rows)
    , m_axis(axis)
    , m_tokens(tokens(palette))
    , m_ratio(ratio)
{
}

int TimelinePainter::device(double logical) const
{
    return static_cast<int>(std::lround(logical * m_ratio));
}

QRect TimelinePainter::device(const QRectF& area) const
{
    const int left = device(area.left()), top = device(area.top());
    return { left, top, device(area.right()) - left, device(area.bottom()) - top };
}

void TimelinePainter::paintRow(QImage& layer, const TimelineRow& row)
{
    const bool fixed = row.kind == RowKind::Minimap || row.kind == RowKind::Ruler;
    QRectF area(0.0, row.top, m_rows.size.width(), row.height);
    if (!fixed)
        area.setTop(std::max(area.top(), m_rows.fixedHeight));
    if (area.isEmpty() || area.top() >= m_rows.size.height())
        return;
    const QRect clip = device(area);
    PixelRaster whole(layer, clip);
    whole.fill(clip, m_tokens.panel.rgb());
    QRectF content = area;
    content.setLeft(m_rows.contentLeft());
    PixelRaster raster(layer, device(content));
    QPainter painter(&layer);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(typeface(TypeSize::Secondary));
    painter.setClipRect(content);
    paintGrid(raster, row);
    switch (row.kind) {
    case RowKind::Minimap:
        paintMinimap(painter, raster, row);
        break;
    case RowKind::Ruler:
        paintRuler(painter, row);
        break;
    case RowKind::Waveform:
        paintWaveform(raster, row);
        break;
    case RowKind::Pictures:
        paintPictures(painter, raster, row);
        break;
    case RowKind::Tier:
        paintTier(painter, raster, row);
        break;
    case RowKind::Curves:
        paintCurves(raster, row);
        break;
    }
    painter.setClipRect(area);
    paintHeader(painter, row);
    const int line = std::max(1, device(1.0));
    whole.fill(
        { clip.left(), device(row.bottom()) - line, clip.width(), line }, m_tokens.border.rgb());
    whole.fill({ device(m_rows.headerWidth) - line, clip.top(), line, clip.height() },
        m_tokens.border.rgb());
}

void TimelinePainter::paintRest(QImage& layer)
{
    const double below = m_rows.rows.empty() ? 0.0 : m_rows.rows.back().bottom();
    const QRectF area(0.0, below, m_rows.size.width(), m_rows.size.height() - below);
    if (area.height() > 0.0)
        PixelRaster(layer, layer.rect()).fill(device(area), m_tokens.window.rgb());
}

void TimelinePainter::paintHeader(QPainter& painter, const TimelineRow& row)
{
    if (row.kind == RowKind::Tier)
        return paintTierHeader(painter, row);
    if (row.kind == RowKind::Curves)
        return paintCurvesHeader(painter, row);
    const QRectF area(
        space::m, row.top, m_rows.headerWidth - space::m - space::s, row.height - 1.0);
    painter.setPen(m_tokens.secondary);
    painter.drawText(area, Qt::AlignVCenter | Qt::AlignLeft, nameOf(row.kind));
    if (row.kind == RowKind::Minimap && m_scene.video.durationSeconds > 0.0)
        painter.drawText(
            area, Qt::AlignVCenter | Qt::AlignRight, shortDuration(m_scene.video.durationSeconds));
}

void TimelinePainter::paintPosition(QPainter& painter, const TimelineRow& ruler) const
{
    const QRectF area(
        space::m, ruler.top, m_rows.headerWidth - space::m - space::s, ruler.height - 1.0);
    painter.setPen(m_tokens.text);
    painter.setFont(typeface(TypeSize::Secondary, true));
    painter.drawText(area, Qt::AlignVCenter | Qt::AlignLeft, preciseTime(m_scene.position));
    if (!m_scene.video.index)
        return;
    painter.setPen(m_tokens.secondary);
    painter.setFont(typeface(TypeSize::Secondary));
    painter.drawText(area, Qt::AlignVCenter | Qt::AlignRight,
        QStringLiteral("f%1").arg(m_scene.video.index->frameAt(m_scene.position)));
}

void TimelinePainter::paintTierHeader(QPainter& painter, const TimelineRow& row)
{
    const labels::Tier& tier = m_scene.tiers[static_cast<std::size_t>(row.tier)].tier();
    const bool current = tier.id == m_scene.currentTier;
    if (current) {
        painter.fillRect(QRectF(0.0, row.top, m_rows.headerWidth, row.height), m_tokens.accentTint);
        painter.fillRect(QRectF(0.0, row.top, 3.0, row.height), m_tokens.accent);
    }
    QRectF area(space::m, row.top, m_rows.headerWidth - space::m - space::s, row.height - 1.0);
    const QString source = tier.source == labels::Source::Model ? tr("model") : QString();
    painter.setFont(typeface(TypeSize::Secondary));
    if (!source.isEmpty()) {
        painter.setPen(m_tokens.secondary);
        painter.drawText(area, Qt::AlignVCenter | Qt::AlignRight, source);
        area.setRight(area.right() - painter.fontMetrics().horizontalAdvance(source) - space::s);
    }
    painter.setFont(typeface(TypeSize::Base, current));
    painter.setPen(m_tokens.text);
    painter.drawText(area, Qt::AlignVCenter | Qt::AlignLeft,
        painter.fontMetrics().elidedText(
            fromUtf8(tier.name), Qt::ElideRight, static_cast<int>(area.width())));
}

void TimelinePainter::paintGrid(PixelRaster& raster, const TimelineRow& row) const
{
    if (row.kind == RowKind::Minimap || row.kind == RowKind::Ruler || row.kind == RowKind::Pictures)
        return;
    const double step = rulerStepSeconds(m_axis.pixelsPerSecond(), labelPixels);
    const int width = std::max(1, device(1.0));
    const QRgb faint = overPanel(m_tokens.border, m_tokens.panel, 0.6).rgb();
    const auto first = static_cast<std::int64_t>(std::ceil(m_axis.visible.startSeconds / step));
    const auto last = static_cast<std::int64_t>(std::floor(m_axis.visible.stopSeconds / step));
    for (std::int64_t i = first; i <= last; ++i)
        raster.fill({ device(m_axis.xOf(static_cast<double>(i) * step)), device(row.top), width,
                        device(row.height) },
            faint);
}

void TimelinePainter::paintRuler(QPainter& painter, const TimelineRow& row) const
{
    const double pixels = m_axis.pixelsPerSecond();
    if (pixels <= 0.0)
        return;
    const double step = rulerStepSeconds(pixels, labelPixels);
    const double line = std::max(1.0, m_ratio) / m_ratio;
    const bool frames
        = m_scene.video.index && pixels / m_scene.video.index->averageFps() >= framePixels;
    const double textBottom = frames ? row.top + 15.0 : row.bottom() - 7.0;
    painter.setPen(m_tokens.secondary);
    const auto first = static_cast<std::int64_t>(std::floor(m_axis.visible.startSeconds / step));
    const auto last = static_cast<std::int64_t>(std::ceil(m_axis.visible.stopSeconds / step));
    for (std::int64_t i = first; i <= last; ++i) {
        const double at = static_cast<double>(i) * step, x = m_axis.xOf(at);
        painter.fillRect(QRectF(x, frames ? row.top + 2.0 : row.bottom() - 9.0, line, 8.0),
            m_tokens.strongBorder);
        if (at >= 0.0 && at <= m_scene.video.durationSeconds)
            painter.drawText(QRectF(x + 4.0, row.top, labelPixels, textBottom - row.top),
                Qt::AlignVCenter | Qt::AlignLeft, rulerText(at, step));
    }
    if (frames)
        return paintFrameTicks(painter, row, line);
    const double small = rulerStepSeconds(pixels, tickPixels);
    const auto from = static_cast<std::int64_t>(std::floor(m_axis.visible.startSeconds / small));
    const auto to = static_cast<std::int64_t>(std::ceil(m_axis.visible.stopSeconds / small));
    for (std::int64_t i = from; i <= to; ++i)
        painter.fillRect(
            QRectF(m_axis.xOf(static_cast<double>(i) * small), row.bottom() - 5.0, line, 4.0),
            m_tokens.border);
}

void TimelinePainter::paintFrameTicks(QPainter& painter, const TimelineRow& row, double line) const
{
    const media::VideoIndex& index = *m_scene.video.index;
    const double pixels = m_axis.pixelsPerSecond();
    double taken = 0.0; // up to where a number stands
    for (std::int64_t frame = index.frameAt(m_axis.visible.startSeconds);
         frame < index.frameCount(); ++frame) {
        const double at = index.secondsOf(frame), x = m_axis.xOf(at);
        if (at > m_axis.visible.stopSeconds)
            break;
        painter.fillRect(QRectF(x, row.bottom() - 7.0, line, 6.0), m_tokens.strongBorder);
        const bool numbered = pixels / index.averageFps() >= frameNumberPixels;
        if (!numbered || x < taken)
            continue;
        painter.setPen(m_tokens.secondary);
        painter.drawText(QRectF(x + 4.0, row.bottom() - 15.0, 80.0, 14.0),
            Qt::AlignVCenter | Qt::AlignLeft, QStringLiteral("f%1").arg(frame));
        taken = x + frameNumberPixels - 1.0;
    }
}

void TimelinePainter::paintWaveform(PixelRaster& raster, const TimelineRow& row) const
{
    const QRect area
        = device(QRectF(m_rows.contentLeft(), row.top, m_rows.contentWidth(), row.height - 1.0));
    const double middle = area.top() + area.height() / 2.0;
    const int line = std::max(1, device(1.0));
    raster.fill(
        { area.left(), static_cast<int>(middle), area.width(), line }, m_tokens.border.rgb());
    if (!m_scene.waveform)
        return;
    const double perColumn = m_axis.visible.seconds() / std::max(1, area.width());
    if (perColumn <= 0.0)
        return;
    const std::vector<media::Peak> peaks
        = m_scene.waveform->columns(m_axis.visible.startSeconds, perColumn, area.width());
    const double scale = (area.height() / 2.0 - device(3.0)) / 32768.0;
    std::vector<ColumnSpan> spans(peaks.size());
    for (std::size_t i = 0; i < peaks.size(); ++i)
        if (peaks[i] != media::Peak{})
            spans[i] = { static_cast<float>(middle - peaks[i].highest * scale),
                static_cast<float>(middle - peaks[i].lowest * scale) };
    const QRgb colour = overPanel(m_tokens.secondary, m_tokens.panel, 0.7).rgb();
    const CurveLine all{ spans, colour, static_cast<float>(line), 1.0F };
    raster.curves(area.left(), { &all, 1 });
}

void TimelinePainter::paintPictures(
    QPainter& painter, PixelRaster& raster, const TimelineRow& row) const
{
    const double duration = m_scene.video.durationSeconds;
    if (!m_scene.thumbnails || duration <= 0.0 || m_axis.pixelsPerSecond() <= 0.0)
        return;
    // Pictures stand at whole multiples of a step, so that panning asks for nothing twice; each
    // shows its middle in a cell at least half as wide.
    const double height = row.height - 1.0, width = std::round(height * 16.0 / 9.0);
    const double step = std::exp2(std::floor(std::log2(width / m_axis.pixelsPerSecond())));
    const QSize size(device(width), device(height));
    const auto first
        = static_cast<std::int64_t>(std::floor(std::max(m_axis.visible.startSeconds, 0.0) / step));
    const auto last = static_cast<std::int64_t>(
        std::ceil(std::min(m_axis.visible.stopSeconds, duration) / step));
    const int top = device(row.top), line = std::max(1, device(1.0));
    for (std::int64_t i = first; i < last; ++i) {
        const double at = static_cast<double>(i) * step;
        const int left = device(m_axis.xOf(at));
        const int right = device(m_axis.xOf(std::min(at + step, duration)));
        QRect cell(left, top, right - left - line, size.height());
        const QImage picture = m_scene.thumbnails->thumbnail(
            { m_scene.video.videoId, std::llround(at * 1000.0), size });
        if (picture.isNull()) {
            raster.fill(cell, m_tokens.window.rgb());
            continue;
        }
        const QSize shown = picture.size().boundedTo(cell.size());
        const QRect source(
            QPoint((picture.width() - shown.width()) / 2, (picture.height() - shown.height()) / 2),
            shown);
        const int margin = (size.height() - shown.height()) / 2;
        const QRectF target(cell.left() / m_ratio, (top + margin) / m_ratio,
            shown.width() / m_ratio, shown.height() / m_ratio);
        painter.drawImage(target, picture, source);
    }
}

TimeAxis TimelinePainter::minimapAxis() const
{
    TimeAxis all = m_axis;
    all.visible = { 0.0, m_axis.durationSeconds };
    return all;
}

void TimelinePainter::paintMinimap(QPainter& painter, PixelRaster& raster, const TimelineRow& row)
{
    const TimeAxis all = minimapAxis();
    const double margin = 4.0;
    const auto count = static_cast<double>(std::max<std::size_t>(m_scene.tiers.size(), 1));
    const double height = std::min((row.height - 1.0 - 2.0 * margin) / count, 12.0);
    double top = row.top + margin + (row.height - 1.0 - 2.0 * margin - count * height) / 2.0;
    for (const TierSegments& tier : m_scene.tiers) {
        for (std::size_t i = 0; i < tier.size(); ++i) {
            const labels::Segment& each = tier[i];
            if (each.verdict != labels::Verdict::Rejected)
                mergeColumn(QRectF(all.xOf(each.startSeconds), top,
                                (each.seconds()) * all.pixelsPerSecond(), height),
                    m_scene.colours.indexOf(each.label));
        }
        paintMerged(raster, device(top), device(top + height) - std::max(1, device(1.0)));
        top += height;
    }
    if (m_axis.visible.seconds() >= m_axis.durationSeconds)
        return;
    const QRectF window(all.xOf(m_axis.visible.startSeconds), row.top + 1.0,
        std::max(m_axis.visible.seconds() * all.pixelsPerSecond(), 3.0), row.height - 3.0);
    const QRect hole = device(window), whole = raster.clip();
    const QRgb panel = m_tokens.panel.rgb();
    raster.blend(
        { whole.left(), whole.top(), hole.left() - whole.left(), whole.height() }, panel, veil);
    raster.blend({ hole.right() + 1, whole.top(), whole.right() - hole.right(), whole.height() },
        panel, veil);
    painter.setPen(QPen(m_tokens.accent, 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(window.adjusted(0.5, 0.5, -0.5, -0.5), 3.0, 3.0);
}

QRect TimelinePainter::cursorArea(const TimelineRows& rows, const TimeAxis& axis, double seconds)
{
    const double x = axis.xOf(seconds);
    return QRectF(x - cursorHead - 2.0, 0.0, 2.0 * cursorHead + 4.0, rows.size.height())
        .toAlignedRect();
}

QRect TimelinePainter::minimapCursorArea(
    const TimelineRows& rows, const TimeAxis& axis, double seconds)
{
    TimeAxis all = axis;
    all.visible = { 0.0, axis.durationSeconds };
    const TimelineRow* row = rows.row(RowKind::Minimap);
    return row ? QRectF(all.xOf(seconds) - 1.5, row->top, 4.0, row->height).toAlignedRect()
               : QRect();
}

QRect TimelinePainter::positionArea(const TimelineRows& rows)
{
    const TimelineRow* row = rows.row(RowKind::Ruler);
    return row ? QRectF(0.0, row->top, rows.headerWidth, row->height).toAlignedRect() : QRect();
}

void TimelinePainter::paintOverlay(QPainter& painter) const
{
    const TimelineRow* ruler = m_rows.row(RowKind::Ruler);
    const TimelineRow* minimap = m_rows.row(RowKind::Minimap);
    if (!ruler || !minimap || m_scene.video.durationSeconds <= 0.0)
        return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    paintPosition(painter, *ruler);
    const QRectF content(m_rows.contentLeft(), 0.0, m_rows.contentWidth(), m_rows.size.height());
    painter.setClipRect(content, Qt::IntersectClip);
    paintMarks(painter);
    const double line = std::max(1.0, std::floor(m_ratio)) / m_ratio;
    const auto snapped = [this](double x) { return std::round(x * m_ratio) / m_ratio; };
    if (m_scene.snapLine) {
        painter.setPen(QPen(m_tokens.warning, line, Qt::DashLine));
        const double x = snapped(m_axis.xOf(*m_scene.snapLine)) + line / 2.0;
        painter.drawLine(QPointF(x, ruler->bottom()), QPointF(x, m_rows.size.height()));
    }
    const double x = snapped(m_axis.xOf(m_scene.position));
    painter.fillRect(
        QRectF(x, ruler->bottom() - 8.0, line, m_rows.size.height() - ruler->bottom() + 8.0),
        m_tokens.accent);
    const double middle = x + line / 2.0, top = ruler->bottom() - 14.0;
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_tokens.accent);
    painter.drawPolygon(QPolygonF({ { middle - cursorHead, top }, { middle + cursorHead, top },
        { middle + cursorHead, top + 6.0 }, { middle, top + 12.0 },
        { middle - cursorHead, top + 6.0 } }));
    const double all = snapped(minimapAxis().xOf(m_scene.position));
    painter.fillRect(QRectF(all, minimap->top, line, minimap->height - 1.0), m_tokens.accent);
    paintReadout(painter);
    painter.restore();
}

void TimelinePainter::paintMarks(QPainter& painter) const
{
    if (!m_scene.draftOn(0))
        return;
    const TimeRange range = m_scene.draft->range;
    const double left = m_axis.xOf(range.startSeconds), right = m_axis.xOf(range.stopSeconds);
    const double top = m_rows.fixedHeight;
    QColor tint = m_tokens.accent;
    tint.setAlphaF(0.10F);
    painter.fillRect(QRectF(left, top, right - left, m_rows.size.height() - top), tint);
    painter.fillRect(QRectF(left, top - 3.0, std::max(right - left, 2.0), 3.0), m_tokens.accent);
}

void TimelinePainter::paintReadout(QPainter& painter) const
{
    std::optional<TimeRange> range;
    if (m_scene.drawing)
        range = m_scene.drawing->range;
    else if (const auto found = m_scene.preview.constFind(m_scene.selection.current);
             found != m_scene.preview.constEnd())
        range = *found;
    if (!range)
        return;
    const QString text = tr("%1 to %2, %3 s")
                             .arg(preciseTime(range->startSeconds), preciseTime(range->stopSeconds))
                             .arg(range->seconds(), 0, 'f', 3);
    painter.setFont(typeface(TypeSize::Secondary));
    const double width = painter.fontMetrics().horizontalAdvance(text) + 2.0 * space::s;
    const double left = std::clamp(m_axis.xOf(range->middle()) - width / 2.0, m_rows.contentLeft(),
        std::max(m_rows.contentLeft(), m_rows.size.width() - width));
    const QRectF chip(left, m_rows.fixedHeight + 6.0, width, 22.0);
    painter.setPen(QPen(m_tokens.strongBorder, 1.0));
    painter.setBrush(m_tokens.raised);
    painter.drawRoundedRect(chip, chipRadius, chipRadius);
    painter.setPen(m_tokens.text);
    painter.drawText(chip, Qt::AlignCenter, text);
}

} // namespace clipscope::widgets
