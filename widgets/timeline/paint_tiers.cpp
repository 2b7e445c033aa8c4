// The part of TimelinePainter that draws tiers.

#include "widgets/common/format.h"
#include "widgets/timeline/timeline_painter.h"

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr double handShare = 0.5, modelShare = 0.16, hatchShare = 0.32; // of a label's colour
constexpr double thinPixels = 3.0; // narrower bands are merged
constexpr double textPixels = 22.0; // narrower bands carry no text
constexpr double tickRoom = 14.0;
constexpr double noteSide = 6.0; // of the corner that says there is a note
constexpr double eventHalf = 5.0; // of the mark of an event
constexpr std::size_t mostEvents = 400; // in sight; more are merged as thin bands are
constexpr double leastTextRoom = 26.0; // for a text that does not fit

} // namespace

const TimelinePainter::Style& TimelinePainter::style(int colour)
{
    auto found = m_styles.find(colour);
    if (found == m_styles.end()) {
        const QColor own = m_scene.colours.colour(colour, m_tokens.dark);
        found = m_styles.insert(colour,
            { readableFill(own, m_tokens, handShare).rgb(),
                readableFill(own, m_tokens, modelShare).rgb(),
                readableFill(own, m_tokens, hatchShare).rgb(), visibleLine(own, m_tokens).rgb(),
                own.rgb() });
    }
    return *found;
}

void TimelinePainter::paintTier(QPainter& painter, PixelRaster& raster, const TimelineRow& row)
{
    const labels::Tier& tier = m_scene.tiers[static_cast<std::size_t>(row.tier)].tier();
    if (tier.source == labels::Source::Model)
        paintChangePoints(raster, row);
    paintBands(painter, raster, row);
    if (m_scene.draftOn(tier.id) && tier.id != 0)
        paintDraft(painter, row, *m_scene.draft);
    if (m_scene.drawing && m_scene.drawing->tierId == tier.id)
        paintDraft(painter, row, *m_scene.drawing);
}

void TimelinePainter::paintBands(QPainter& painter, PixelRaster& raster, const TimelineRow& row)
{
    const TierSegments& tier = m_scene.tiers[static_cast<std::size_t>(row.tier)];
    const auto [first, stop] = tier.within(m_axis.visible);
    const auto bandOf = [&](std::size_t i, const TimeRange& range) {
        return m_rows.band(row, m_axis, range, tier.lane(i), tier.laneCount());
    };
    std::vector<std::pair<std::size_t, QRectF>> wide;
    for (std::size_t i = first; i < stop; ++i) {
        const labels::Segment& each = tier[i];
        if (!m_scene.preview.isEmpty() && m_scene.preview.contains(each.id))
            continue;
        const QRectF band = bandOf(i, { each.startSeconds, each.stopSeconds });
        const bool event = each.seconds() <= 0.0 && stop - first <= mostEvents;
        if (band.width() >= thinPixels || event || m_scene.selection.segments.contains(each.id))
            wide.emplace_back(i, band);
        else
            mergeColumn(band, m_scene.colours.indexOf(each.label));
    }
    // Those a drag moves may come from out of sight.
    for (auto moved = m_scene.preview.constBegin(); moved != m_scene.preview.constEnd(); ++moved)
        if (const auto i = tier.indexOf(moved.key()))
            wide.emplace_back(*i, bandOf(*i, moved.value()));
    const double middle = row.top + row.height / 2.0, half = row.height / 2.0 - 4.0;
    paintMerged(raster, device(middle - half), device(middle + half));
    for (const auto& [i, band] : wide)
        if (tier[i].seconds() > 0.0)
            paintBand(painter, raster, band, tier[i]);
    for (const auto& [i, band] : wide) // over what they lie in
        if (tier[i].seconds() <= 0.0)
            paintEvent(painter, band, tier[i]);
}

void TimelinePainter::mergeColumn(const QRectF& band, int colour)
{
    const double left = band.left() * m_ratio;
    const double right = std::max(band.right() * m_ratio, left + 0.5);
    const auto columns = static_cast<int>(std::lround(m_rows.size.width() * m_ratio));
    if (m_columns.empty()) {
        m_columns.resize(static_cast<std::size_t>(columns));
        m_touched = { columns, 0 };
    }
    const int from = std::clamp(static_cast<int>(std::floor(left)), 0, columns);
    const int to = std::clamp(static_cast<int>(std::ceil(right)), from, columns);
    for (int x = from; x < to; ++x) {
        Column& column = m_columns[static_cast<std::size_t>(x)];
        const auto cover = static_cast<float>(std::min(right, x + 1.0) - std::max(left, x + 0.0));
        column.cover += cover;
        if (cover > column.best) {
            column.best = cover;
            column.colour = colour;
        }
    }
    m_touched = { std::min(m_touched.first, from), std::max(m_touched.second, to) };
}

void TimelinePainter::paintMerged(PixelRaster& raster, int top, int bottom)
{
    if (m_columns.empty())
        return;
    for (int x = m_touched.first; x < m_touched.second; ++x) {
        Column& column = m_columns[static_cast<std::size_t>(x)];
        if (column.cover > 0.0F)
            raster.blend({ x, top, 1, bottom - top }, style(column.colour).plain,
                0.25F + 0.6F * std::min(column.cover, 1.0F));
        column = {};
    }
    m_touched = { static_cast<int>(m_columns.size()), 0 };
}

void TimelinePainter::paintBand(
    QPainter& painter, PixelRaster& raster, const QRectF& band, const labels::Segment& segment)
{
    const Style& colours = style(m_scene.colours.indexOf(segment.label));
    const bool model = segment.source == labels::Source::Model;
    const bool rejected = segment.verdict == labels::Verdict::Rejected;
    const bool selected = m_scene.selection.segments.contains(segment.id);
    QRect area = device(band);
    const int line = std::max(1, device(1.0));
    area.setWidth(std::max(area.width() - line, 2 * line)); // a gap to the next one
    BandLook look;
    look.fill = model ? colours.model : colours.hand;
    look.edge = colours.edge;
    look.border = line;
    look.radius = device(3.0);
    if (area.width() >= device(10.0) && !rejected)
        look.strip = device(3.0);
    if (model) {
        look.hatch = colours.hatch;
        look.hatchPeriod = device(7.0);
        look.hatchWidth = std::max(1, device(1.5));
    }
    if (rejected)
        look.dash = device(7.0);
    raster.band(area, look);
    if (band.width() >= textPixels)
        paintBandText(painter, raster, band, segment);
    if (!segment.note.empty() && band.width() >= 2.0 * noteSide) {
        const double right = (area.right() + 1) / m_ratio, top = area.top() / m_ratio;
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_tokens.text);
        painter.drawPolygon(
            QPolygonF({ { right - noteSide, top }, { right, top }, { right, top + noteSide } }));
    }
    if (!selected)
        return;
    const bool focused = m_scene.hasFocus && segment.id == m_scene.selection.current;
    const QRectF ring(area.left() / m_ratio, area.top() / m_ratio, area.width() / m_ratio,
        area.height() / m_ratio);
    painter.setBrush(Qt::NoBrush);
    if (focused) {
        painter.setPen(QPen(m_tokens.accent, 2.0));
        painter.drawRoundedRect(ring.adjusted(-2.0, -2.0, 2.0, 2.0), 4.5, 4.5);
    }
    painter.setPen(QPen(m_tokens.text, 1.5));
    painter.drawRoundedRect(ring.adjusted(0.25, 0.25, -0.25, -0.25), 3.0, 3.0);
}

void TimelinePainter::paintEvent(
    QPainter& painter, const QRectF& band, const labels::Segment& segment)
{
    const Style& colours = style(m_scene.colours.indexOf(segment.label));
    const bool rejected = segment.verdict == labels::Verdict::Rejected;
    const bool selected = m_scene.selection.segments.contains(segment.id);
    const double x = band.left(), y = band.center().y();
    painter.setPen(QPen(QColor(colours.edge), 1.5, rejected ? Qt::DotLine : Qt::SolidLine));
    painter.drawLine(QPointF(x, band.top()), QPointF(x, band.bottom()));
    const bool focused = selected && m_scene.hasFocus && segment.id == m_scene.selection.current;
    painter.setPen(QPen(focused ? m_tokens.accent
            : selected          ? m_tokens.text
                                : QColor(colours.edge),
        selected ? 2.0 : 1.5));
    // Filled by a hand, empty by the model: the same difference as between bands.
    const bool hand = segment.source == labels::Source::Hand && !rejected;
    painter.setBrush(hand ? QColor(colours.edge) : m_tokens.panel);
    painter.drawPolygon(QPolygonF({ { x, y - eventHalf }, { x + eventHalf, y },
        { x, y + eventHalf }, { x - eventHalf, y } }));
}

void TimelinePainter::paintBandText(
    QPainter& painter, PixelRaster& raster, const QRectF& band, const labels::Segment& segment)
{
    const bool model = segment.source == labels::Source::Model;
    const bool rejected = segment.verdict == labels::Verdict::Rejected;
    const bool tick = model && segment.verdict == labels::Verdict::Accepted;
    // What is cut off at the left keeps its text in sight.
    const double left = std::max(band.left() + 8.0, m_rows.contentLeft() + 6.0);
    double room = std::min(band.right(), m_rows.size.width()) - 5.0 - left;
    if (tick && room >= tickRoom) {
        const double x = left + room - 10.0, y = band.center().y();
        painter.setPen(QPen(m_tokens.good, 1.8, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(QPolygonF({ { x, y }, { x + 3.2, y + 3.4 }, { x + 9.0, y - 3.6 } }));
        room -= tickRoom;
    }
    if (room < 12.0 || segment.label.empty())
        return;
    QFont font = typeface(TypeSize::Secondary, !model);
    font.setStrikeOut(rejected);
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    QString text = fromUtf8(segment.label);
    double width = metrics.horizontalAdvance(text);
    if (width > room) {
        if (room < leastTextRoom)
            return; // two letters and dots say nothing
        text = metrics.elidedText(text, Qt::ElideRight, room);
        width = std::min(metrics.horizontalAdvance(text), room);
    }
    if (model && !rejected) { // hatching stops behind text
        const QRectF plate(left - 3.0, band.top() + 3.0, width + 6.0, band.height() - 6.0);
        raster.fill(device(plate), style(m_scene.colours.indexOf(segment.label)).model);
    }
    painter.setPen(rejected ? m_tokens.secondary : m_tokens.text);
    painter.drawText(QRectF(left, band.top(), width + 2.0, band.height()),
        Qt::AlignVCenter | Qt::AlignLeft, text);
}

void TimelinePainter::paintDraft(
    QPainter& painter, const TimelineRow& row, const TimelineDraft& draft) const
{
    const QRectF whole = m_rows.band(row, m_axis, draft.range, 0, 1);
    const QRectF band(whole.left(), whole.top(), std::max(whole.width(), 2.0), whole.height());
    painter.setPen(QPen(m_tokens.accent, 1.5));
    painter.setBrush(m_tokens.accentTint); // covers what is below: two texts are none
    painter.drawRoundedRect(band, 3.0, 3.0);
    if (draft.label.empty() || band.width() < textPixels)
        return;
    painter.setPen(m_tokens.text);
    painter.setFont(typeface(TypeSize::Secondary, true));
    const QRectF inner = band.adjusted(8.0, 0.0, -4.0, 0.0);
    painter.drawText(inner, Qt::AlignVCenter | Qt::AlignLeft,
        painter.fontMetrics().elidedText(
            fromUtf8(draft.label), Qt::ElideRight, static_cast<int>(inner.width())));
}

void TimelinePainter::paintChangePoints(PixelRaster& raster, const TimelineRow& row) const
{
    const auto& all = m_scene.changePoints;
    const auto first = std::lower_bound(all.begin(), all.end(), m_axis.visible.startSeconds);
    const auto last = std::upper_bound(first, all.end(), m_axis.visible.stopSeconds);
    if ((last - first) * 4 > static_cast<std::ptrdiff_t>(m_rows.contentWidth()))
        return; // a comb says nothing
    const int width = std::max(1, device(1.0)), height = device(4.0);
    for (auto at = first; at != last; ++at) {
        const int x = device(m_axis.xOf(*at));
        raster.fill({ x, device(row.top), width, height }, m_tokens.secondary.rgb());
        raster.fill(
            { x, device(row.bottom() - 1.0) - height, width, height }, m_tokens.secondary.rgb());
    }
}

} // namespace clipscope::widgets
