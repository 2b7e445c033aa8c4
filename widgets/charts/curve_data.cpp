#include "widgets/charts/curve_data.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace clipscope::widgets {

void CurveData::append(double step, double value)
{
    if (!x.empty() && step <= x.back()) {
        const auto keep = std::lower_bound(x.begin(), x.end(), step) - x.begin();
        x.resize(static_cast<std::size_t>(keep));
        y.resize(static_cast<std::size_t>(keep));
    }
    x.push_back(step);
    y.push_back(value);
}

std::optional<std::size_t> CurveData::nearest(double step) const
{
    if (x.empty())
        return {};
    const auto after = std::lower_bound(x.begin(), x.end(), step);
    if (after == x.begin())
        return 0;
    const auto index = static_cast<std::size_t>(after - x.begin());
    if (after == x.end() || step - x[index - 1] <= x[index] - step)
        return index - 1;
    return index;
}

std::vector<double> smoothed(const std::vector<double>& y, double weight)
{
    std::vector<double> result = y;
    double sum = 0.0, norm = 0.0;
    for (double& value : result) {
        if (std::isnan(value))
            continue;
        sum = weight * sum + (1.0 - weight) * value;
        norm = weight * norm + (1.0 - weight);
        value = sum / norm;
    }
    return result;
}

QString toCsv(const std::vector<CurveData>& curves)
{
    std::map<double, std::vector<QString>> rows;
    QString text = QStringLiteral("step");
    for (std::size_t c = 0; c < curves.size(); ++c) {
        QString name = curves[c].name;
        if (name.contains(QLatin1Char(',')) || name.contains(QLatin1Char('"')))
            name = QLatin1Char('"') + name.replace(QLatin1Char('"'), QStringLiteral("\"\""))
                + QLatin1Char('"');
        text += QLatin1Char(',') + name;
        for (std::size_t i = 0; i < curves[c].x.size(); ++i) {
            std::vector<QString>& row = rows[curves[c].x[i]];
            row.resize(curves.size());
            row[c] = QString::number(curves[c].y[i], 'g', 17);
        }
    }
    text += QLatin1Char('\n');
    for (const auto& [step, values] : rows) {
        text += QString::number(step, 'g', 17);
        for (const QString& value : values)
            text += QLatin1Char(',') + value;
        text += QLatin1Char('\n');
    }
    return text;
}

} // namespace clipscope::widgets
