#include "widgets/charts/curve_data.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

namespace clipscope::widgets {

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr CurvePoints::Range nothing{ infinity, -infinity };

void include(CurvePoints::Range& range, float value)
{
    if (std::isfinite(value)) {
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
    }
}

/// The shortest text that reads as the same number.
QString shortest(float value)
{
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return QString::fromLatin1(text, end - text);
}

/// One column of pixels: its extremes, the one nearer to what came before first, so that the line
/// to it is short.
void addColumn(
    const CurvePoints& points, std::size_t begin, std::size_t end, std::vector<QPointF>& result)
{
    const auto at = [&points](std::size_t i) {
        return QPointF(points.steps()[i], static_cast<double>(points.values()[i]));
    };
    if (end - begin <= 2) {
        for (std::size_t i = begin; i < end; ++i)
            result.push_back(at(i));
        return;
    }
    const auto range = points.range(begin, end);
    if (!range) {
        result.emplace_back(points.steps()[begin], std::numeric_limits<double>::quiet_NaN());
        return;
    }
    const double middle = points.steps()[begin + (end - begin) / 2];
    const auto low = static_cast<double>(range->low), high = static_cast<double>(range->high);
    const bool fromAbove = !result.empty() && result.back().y() > (low + high) / 2;
    result.emplace_back(middle, fromAbove ? high : low);
    result.emplace_back(middle, fromAbove ? low : high);
}

} // namespace

CurvePoints::CurvePoints(std::vector<std::int32_t> steps, std::vector<float> values)
    : m_steps(std::move(steps))
{
    m_values.reserve(values.size());
    for (const float value : values)
        addToBlock(value);
}

void CurvePoints::addToBlock(float value)
{
    if (m_values.size() % blockSize == 0)
        m_blocks.push_back(nothing);
    include(m_blocks.back(), value);
    m_values.push_back(value);
}

void CurvePoints::append(std::int32_t step, float value)
{
    if (!m_steps.empty() && step <= m_steps.back()) {
        const std::size_t keep = indexFrom(step);
        const std::size_t whole = keep / blockSize * blockSize;
        const std::vector<float> rest(m_values.begin() + static_cast<std::ptrdiff_t>(whole),
            m_values.begin() + static_cast<std::ptrdiff_t>(keep));
        m_steps.resize(keep);
        m_values.resize(whole);
        m_blocks.resize(whole / blockSize);
        for (const float each : rest)
            addToBlock(each);
    }
    m_steps.push_back(step);
    addToBlock(value);
}

std::size_t CurvePoints::indexFrom(double step) const
{
    return static_cast<std::size_t>(
        std::lower_bound(m_steps.begin(), m_steps.end(), step) - m_steps.begin());
}

std::optional<std::size_t> CurvePoints::nearest(double step) const
{
    if (m_steps.empty())
        return {};
    const std::size_t after = indexFrom(step);
    if (after == 0)
        return 0;
    if (after == size() || step - m_steps[after - 1] <= m_steps[after] - step)
        return after - 1;
    return after;
}

std::optional<CurvePoints::Range> CurvePoints::range(std::size_t first, std::size_t last) const
{
    Range result = nothing;
    std::size_t i = first;
    while (i < last) {
        if (i % blockSize == 0 && i + blockSize <= last) {
            const Range& block = m_blocks[i / blockSize];
            result = { std::min(result.low, block.low), std::max(result.high, block.high) };
            i += blockSize;
        } else {
            include(result, m_values[i++]);
        }
    }
    return result.low > result.high ? std::nullopt : std::optional(result);
}

CurveData::CurveData(QString curveName, std::vector<std::int32_t> steps, std::vector<float> values)
    : name(std::move(curveName))
    , points(std::make_shared<const CurvePoints>(std::move(steps), std::move(values)))
{
}

std::vector<QPointF> thinned(const CurvePoints& points, double first, double last, int columns)
{
    std::vector<QPointF> result;
    if (points.isEmpty() || columns < 1 || !(last > first))
        return result;
    const std::vector<std::int32_t>& steps = points.steps();
    std::size_t begin = points.indexFrom(first);
    begin -= begin > 0 ? 1 : 0;
    std::size_t end = points.indexFrom(last);
    end = std::min(end + 1, points.size());
    if (end - begin <= 2 * static_cast<std::size_t>(columns)) {
        for (std::size_t i = begin; i < end; ++i)
            result.emplace_back(steps[i], static_cast<double>(points.values()[i]));
        return result;
    }
    const double width = (last - first) / columns;
    std::size_t at = begin;
    for (int column = 0; column < columns && at < end; ++column) {
        const double edge = first + width * (column + 1);
        // Steps grow by one at least: the border lies no further than the distance in steps, and
        // just there when every step was measured.
        const double distance = std::ceil(edge - steps[at]);
        std::size_t limit = end;
        if (distance < static_cast<double>(end - at))
            limit = at + static_cast<std::size_t>(std::max(distance, 0.0));
        const auto from = steps.begin() + static_cast<std::ptrdiff_t>(at);
        const auto to = steps.begin() + static_cast<std::ptrdiff_t>(limit);
        const std::size_t next = limit > at && steps[limit - 1] < edge
            ? limit
            : static_cast<std::size_t>(std::lower_bound(from, to, edge) - steps.begin());
        if (next > at)
            addColumn(points, at, next, result);
        at = next;
    }
    for (; at < end; ++at)
        result.emplace_back(steps[at], static_cast<double>(points.values()[at]));
    return result;
}

std::vector<float> smoothed(const std::vector<float>& y, double weight)
{
    std::vector<float> result = y;
    double sum = 0.0, norm = 0.0;
    for (float& value : result) {
        if (std::isnan(value))
            continue;
        sum = weight * sum + (1.0 - weight) * static_cast<double>(value);
        norm = weight * norm + (1.0 - weight);
        value = static_cast<float>(sum / norm);
    }
    return result;
}

CurveData meanOf(const QString& name, const std::vector<const CurvePoints*>& curves)
{
    std::vector<std::size_t> at(curves.size(), 0);
    std::vector<std::int32_t> steps;
    std::vector<float> mean, low, high;
    for (;;) {
        std::int64_t step = std::numeric_limits<std::int64_t>::max();
        for (std::size_t c = 0; c < curves.size(); ++c)
            if (at[c] < curves[c]->size())
                step = std::min<std::int64_t>(step, curves[c]->steps()[at[c]]);
        if (step == std::numeric_limits<std::int64_t>::max())
            break;
        // Welford's update: no difference of large sums.
        double centre = 0.0, squares = 0.0;
        int count = 0;
        for (std::size_t c = 0; c < curves.size(); ++c)
            if (at[c] < curves[c]->size() && curves[c]->steps()[at[c]] == step) {
                const double value = static_cast<double>(curves[c]->values()[at[c]++]);
                const double before = value - centre;
                centre += before / ++count;
                squares += before * (value - centre);
            }
        const double spread = count > 1 ? std::sqrt(squares / (count - 1)) : 0.0;
        steps.push_back(static_cast<std::int32_t>(step));
        mean.push_back(static_cast<float>(centre));
        low.push_back(static_cast<float>(centre - spread));
        high.push_back(static_cast<float>(centre + spread));
    }
    CurveData result(name, steps, std::move(mean));
    result.low = std::make_shared<const CurvePoints>(steps, std::move(low));
    result.high = std::make_shared<const CurvePoints>(std::move(steps), std::move(high));
    return result;
}

QString toCsv(const std::vector<CurveData>& curves)
{
    std::map<std::int32_t, std::vector<QString>> rows;
    QString text = QStringLiteral("step");
    for (std::size_t c = 0; c < curves.size(); ++c) {
        QString name = curves[c].name;
        if (name.contains(QLatin1Char(',')) || name.contains(QLatin1Char('"')))
            name = QLatin1Char('"') + name.replace(QLatin1Char('"'), QStringLiteral("\"\""))
                + QLatin1Char('"');
        text += QLatin1Char(',') + name;
        const CurvePoints& points = *curves[c].points;
        for (std::size_t i = 0; i < points.size(); ++i) {
            std::vector<QString>& row = rows[points.steps()[i]];
            row.resize(curves.size());
            row[c] = shortest(points.values()[i]);
        }
    }
    text += QLatin1Char('\n');
    for (const auto& [step, values] : rows) {
        text += QString::number(step);
        for (const QString& value : values)
            text += QLatin1Char(',') + value;
        text += QLatin1Char('\n');
    }
    return text;
}

} // namespace clipscope::widgets
