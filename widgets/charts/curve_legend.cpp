#include "widgets/charts/curve_legend.h"

#include "widgets/common/theme.h"

#include <QPainter>

#include <algorithm>

namespace clipscope::widgets {

namespace {

constexpr int sampleWidth = 22;
constexpr int lineHeight = 18;
constexpr std::size_t mostEntries = 12; ///< a legend of two hundred lines would leave no chart
/// A value keeps its place while its digits change.
const QString widestValue = QStringLiteral("0.000e-00");

} // namespace

CurveLegend::CurveLegend(QWidget* parent)
    : QWidget(parent)
{
    setFont(typeface(TypeSize::Secondary));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void CurveLegend::setEntries(std::vector<Entry> entries)
{
    if (entries.size() > mostEntries) {
        const int left = static_cast<int>(entries.size() - mostEntries + 1);
        entries.resize(mostEntries - 1);
        entries.push_back({ tr("and %1 more").arg(left), {}, Qt::NoPen });
    }
    const bool sameNames = std::equal(entries.begin(), entries.end(), m_entries.begin(),
        m_entries.end(), [](const Entry& a, const Entry& b) { return a.name == b.name; });
    m_entries = std::move(entries);
    if (!sameNames)
        updateGeometry();
    update();
}

int CurveLegend::entryWidth(const Entry& entry) const
{
    return sampleWidth + space::s + fontMetrics().horizontalAdvance(entry.name) + space::s
        + fontMetrics().horizontalAdvance(widestValue);
}

std::vector<QPoint> CurveLegend::places(int width) const
{
    std::vector<QPoint> result;
    QPoint next(0, 0);
    for (const Entry& entry : m_entries) {
        const int needed = entryWidth(entry);
        if (next.x() > 0 && next.x() + needed > width)
            next = { 0, next.y() + lineHeight };
        result.push_back(next);
        next.rx() += needed + space::s;
    }
    return result;
}

int CurveLegend::heightForWidth(int width) const
{
    return m_entries.empty() ? 0 : places(width).back().y() + lineHeight;
}

QSize CurveLegend::sizeHint() const
{
    return { 200, heightForWidth(width()) };
}

void CurveLegend::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& theme = tokens(this);
    const std::vector<QPoint> at = places(width());
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const Entry& entry = m_entries[i];
        const int middle = at[i].y() + lineHeight / 2;
        painter.setPen(entry.pen);
        painter.drawLine(at[i].x(), middle, at[i].x() + sampleWidth, middle);
        const int text = at[i].x() + sampleWidth + space::s;
        const QRect line(text, at[i].y(), width() - text, lineHeight);
        painter.setPen(theme.secondary);
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, entry.name);
        painter.setPen(theme.text);
        painter.drawText(
            line.adjusted(fontMetrics().horizontalAdvance(entry.name) + space::s, 0, 0, 0),
            Qt::AlignLeft | Qt::AlignVCenter, entry.value);
    }
}

} // namespace clipscope::widgets
