#include "widgets/charts/histogram.h"

#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace clipscope::widgets {

namespace {

constexpr int axisHeight = 22;

/// 1, 2 or 5 times a power of ten, at least `width`.
double roundWidth(double width)
{
    const double power = std::pow(10.0, std::floor(std::log10(width)));
    for (const double factor : { 1.0, 2.0, 5.0 })
        if (factor * power >= width * (1 - 1e-9))
            return factor * power;
    return 10.0 * power;
}

} // namespace

HistogramBins binned(const std::vector<float>& values, int wanted)
{
    HistogramBins bins;
    std::vector<double> finite;
    for (const float value : values)
        if (std::isfinite(value))
            finite.push_back(static_cast<double>(value));
    if (finite.empty())
        return bins;
    const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
    const double span = *high - *low;
    bins.width = roundWidth(span > 0.0 ? span / wanted : std::max(std::abs(*high), 1e-6) / wanted);
    const double first = std::floor(*low / bins.width), last = std::floor(*high / bins.width);
    bins.first = first * bins.width;
    bins.counts.assign(static_cast<std::size_t>(last - first) + 1, 0);
    for (const double value : finite)
        ++bins.counts[static_cast<std::size_t>(
            std::clamp(std::floor(value / bins.width) - first, 0.0, last - first))];
    return bins;
}

Histogram::Histogram(const QString& title, QWidget* parent)
    : QWidget(parent)
{
    setAccessibleName(title);
    setObjectName(QStringLiteral("histogram"));
    setFont(typeface(TypeSize::Secondary));
}

void Histogram::setBins(HistogramBins bins)
{
    m_bins = std::move(bins);
    QStringList words;
    for (std::size_t bin = 0; bin < m_bins.counts.size(); ++bin)
        words += tr("%1 to %2: %3")
                     .arg(figure(m_bins.edge(bin)), figure(m_bins.edge(bin + 1)),
                         count(m_bins.counts[bin]));
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
}

QRectF Histogram::bar(std::size_t bin) const
{
    const double most = *std::max_element(m_bins.counts.begin(), m_bins.counts.end());
    const double wide = width() / static_cast<double>(m_bins.counts.size());
    const double high = (height() - axisHeight - 4) * m_bins.counts[bin] / std::max(most, 1.0);
    return { static_cast<double>(bin) * wide + 1, height() - axisHeight - high, wide - 2, high };
}

void Histogram::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Tokens& theme = tokens(this);
    const int floor = height() - axisHeight;
    painter.fillRect(0, floor, width(), 1, theme.strongBorder);
    if (m_bins.counts.empty())
        return;
    double labelled = -1e9;
    for (std::size_t bin = 0; bin <= m_bins.counts.size(); ++bin) {
        const double x
            = width() * static_cast<double>(bin) / static_cast<double>(m_bins.counts.size());
        const double edge = m_bins.edge(bin);
        const bool zero = std::abs(edge) < m_bins.width / 2;
        if (bin < m_bins.counts.size())
            painter.fillRect(
                bar(bin), edge < -m_bins.width / 2 ? theme.bad : seriesColour(0, theme.dark));
        if (zero)
            painter.fillRect(QRectF(x, 0, 1, floor), theme.strongBorder);
        const QString text = zero ? QStringLiteral("0") : figure(edge);
        const int wide = painter.fontMetrics().horizontalAdvance(text);
        const double left = std::clamp(x - wide / 2.0, 0.0, static_cast<double>(width() - wide));
        if (left < labelled + space::s && bin > 0)
            continue;
        painter.setPen(theme.secondary);
        painter.drawText(QRectF(left, floor + 2, wide + 2, axisHeight - 2), Qt::AlignLeft, text);
        labelled = left + wide;
    }
}

bool Histogram::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && !m_bins.counts.empty()) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto bin = static_cast<std::size_t>(std::clamp<double>(
            help->pos().x() * static_cast<double>(m_bins.counts.size()) / width(), 0.0,
            static_cast<double>(m_bins.counts.size() - 1)));
        QToolTip::showText(help->globalPos(),
            tr("%1 to %2: %3")
                .arg(figure(m_bins.edge(bin)), figure(m_bins.edge(bin + 1)),
                    count(m_bins.counts[bin])),
            this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace clipscope::widgets
