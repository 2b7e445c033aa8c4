#include "widgets/timeline/label_colours.h"

#include "widgets/common/theme.h"

#include <cmath>

namespace clipscope::widgets {

LabelColours::LabelColours(const labels::LabelSet& set)
{
    m_chosen.reserve(set.labels.size());
    for (const labels::Label& label : set.labels) {
        m_index.insert(QByteArray::fromStdString(label.name), static_cast<int>(m_chosen.size()));
        m_chosen.push_back(label.colour);
    }
}

int LabelColours::indexOf(std::string_view label) const
{
    return m_index.value(
        QByteArray::fromRawData(label.data(), static_cast<qsizetype>(label.size())), -1);
}

QColor LabelColours::colour(int index, bool dark) const
{
    if (index < 0 || index >= static_cast<int>(m_chosen.size()))
        return dark ? darkTokens().secondary : lightTokens().secondary;
    if (const auto chosen = m_chosen[static_cast<std::size_t>(index)])
        return QColor::fromRgb(*chosen | 0xff000000u);
    return seriesColour(index, dark);
}

QColor overPanel(const QColor& colour, const QColor& panel, double share)
{
    const auto channel = [share](int over, int under) {
        return static_cast<int>(std::lround(under + (over - under) * share));
    };
    return QColor(channel(colour.red(), panel.red()), channel(colour.green(), panel.green()),
        channel(colour.blue(), panel.blue()));
}

QColor readableFill(const QColor& colour, const Tokens& theme, double most)
{
    constexpr double readable = 4.5, step = 0.04;
    QColor fill = overPanel(colour, theme.panel, most);
    for (double share = most; share > 0.0 && contrastRatio(theme.text, fill) < readable;
         share -= step)
        fill = overPanel(colour, theme.panel, share);
    return fill;
}

QColor visibleLine(const QColor& colour, const Tokens& theme)
{
    constexpr double visible = 3.0, step = 0.04;
    QColor line = colour;
    for (double share = 1.0 - step; contrastRatio(theme.panel, line) < visible && share > 0.0;
         share -= step)
        line = overPanel(colour, theme.text, share);
    return line;
}

} // namespace clipscope::widgets
