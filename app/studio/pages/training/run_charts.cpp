#include "app/studio/pages/training/run_charts.h"

#include "widgets/common/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace clipscope::studio {

using namespace widgets;

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("RunCharts", text);
}

bool isWatched(const QString& measure)
{
    return measure.startsWith(QLatin1String("watch."));
}

/// Counts of what should not happen are shown once it has happened.
bool isWorthShowing(const CurveData& curve)
{
    if (curve.points->isEmpty())
        return false;
    const auto range = curve.points->range(0, curve.points->size());
    return curve.name != QLatin1String("skipped") || (range && range->high > 0.0f);
}

/// Does it learn, does it find, what of what is watched; then how it goes.
int placeOf(const QString& title)
{
    const QStringList order{ chartTitleOf(QStringLiteral("loss")),
        chartTitleOf(QStringLiteral("recall-1")), chartTitleOf(QStringLiteral("median-rank")),
        chartTitleOf(QStringLiteral("watch.1")),
        chartTitleOf(QStringLiteral("hard-negative-share")), chartTitleOf(QStringLiteral("margin")),
        chartTitleOf(QStringLiteral("gradient-norm")),
        chartTitleOf(QStringLiteral("learning-rate")) };
    const auto place = order.indexOf(title);
    return static_cast<int>(place < 0 ? order.size() : place);
}

int placeOfMeasure(const QString& measure)
{
    static const QStringList order{ QStringLiteral("loss"), QStringLiteral("validation-loss"),
        QStringLiteral("recall-1"), QStringLiteral("recall-5"), QStringLiteral("median-rank") };
    const auto place = order.indexOf(measure);
    return static_cast<int>(place >= 0 ? place : order.size());
}

QString nameOf(const QString& measure, const WatchNames& watched)
{
    return isWatched(measure)
        ? watched.value(measure.mid(6).toInt(), tr("query %1").arg(measure.mid(6)))
        : measure;
}

/// Adds a curve to the chart of that title, a new one at the end.
void addTo(std::vector<CurveGrid::Chart>& charts, const QString& title, CurveData curve)
{
    auto chart = std::find_if(charts.begin(), charts.end(),
        [&title](const CurveGrid::Chart& each) { return each.title == title; });
    if (chart == charts.end())
        chart = charts.insert(chart, { title, {} });
    chart->curves.push_back(std::move(curve));
}

/// Bytes as megabytes, so that an axis can be read.
CurveData readable(const QString& measure, const CurveData& curve, DerivedCurves& derived)
{
    if (!measure.endsWith(QLatin1String("-bytes")))
        return curve;
    CurveData shown = curve;
    shown.points = derived
                       .get({ curve.points },
                           [&curve] {
                               std::vector<float> values = curve.points->values();
                               for (float& value : values)
                                   value /= 1024.0f * 1024.0f;
                               return CurveData({}, curve.points->steps(), std::move(values));
                           })
                       .points;
    return shown;
}

} // namespace

QString chartTitleOf(const QString& measure)
{
    if (measure == QLatin1String("loss-scale"))
        return tr("Loss scale");
    if (measure.contains(QLatin1String("loss")))
        return tr("Loss");
    if (measure.contains(QLatin1String("recall")))
        return tr("Recall of own pairs");
    if (isWatched(measure))
        return tr("Watch list: rank of the expected moment");
    if (measure.contains(QLatin1String("rank")))
        return tr("Median rank of own pairs");
    if (measure == QLatin1String("hard-negative-share"))
        return tr("Share of pairs with a negative above them");
    if (measure == QLatin1String("margin"))
        return tr("Margin to the hardest negative");
    if (measure.contains(QLatin1String("learning")) || measure == QLatin1String("lr"))
        return tr("Learning rate");
    if (measure.contains(QLatin1String("norm")))
        return tr("Gradient norm");
    if (measure.endsWith(QLatin1String("-bytes")))
        return tr("Memory in MB");
    if (measure == QLatin1String("cpu-percent"))
        return tr("Processor in percent of one core");
    if (measure.endsWith(QLatin1String("-seconds")))
        return tr("Seconds a step");
    if (measure.contains(QLatin1String("per-second")))
        return tr("Pairs a second");
    return measure;
}

bool isResource(const QString& measure)
{
    return measure.endsWith(QLatin1String("-bytes")) || measure.endsWith(QLatin1String("-percent"))
        || measure.endsWith(QLatin1String("-seconds"))
        || measure.endsWith(QLatin1String("-per-second"));
}

std::vector<CurveGrid::Chart> chartsOf(const RunInfo& run, const WatchNames& watched)
{
    std::vector<CurveGrid::Chart> charts;
    for (const CurveData& curve : run.curves) {
        if (isResource(curve.name) || !isWorthShowing(curve))
            continue;
        CurveData shown = curve;
        shown.name = nameOf(curve.name, watched);
        addTo(charts, chartTitleOf(curve.name), std::move(shown));
    }
    // The short name is the plain measure: it gets the first colour, whenever it was first seen.
    for (CurveGrid::Chart& chart : charts)
        std::stable_sort(chart.curves.begin(), chart.curves.end(),
            [](const CurveData& a, const CurveData& b) { return a.name.size() < b.name.size(); });
    std::stable_sort(charts.begin(), charts.end(),
        [](const auto& a, const auto& b) { return placeOf(a.title) < placeOf(b.title); });
    return charts;
}

CurveData DerivedCurves::get(const Parts& parts, const std::function<CurveData()>& make)
{
    auto known = std::find_if(m_entries.begin(), m_entries.end(),
        [&parts](const Entry& entry) { return entry.parts == parts; });
    if (known == m_entries.end())
        known = m_entries.insert(known, { parts, make(), true });
    known->used = true;
    return known->curve;
}

void DerivedCurves::forgetRest()
{
    std::erase_if(m_entries, [](const Entry& entry) { return !entry.used; });
    for (Entry& entry : m_entries)
        entry.used = false;
}

std::vector<CurveGrid::Chart> resourceChartsOf(const RunInfo& run, DerivedCurves& derived)
{
    std::vector<CurveGrid::Chart> charts;
    for (const CurveData& curve : run.curves)
        if (isResource(curve.name) && isWorthShowing(curve))
            addTo(charts, chartTitleOf(curve.name), readable(curve.name, curve, derived));
    std::stable_sort(charts.begin(), charts.end(),
        [](const auto& a, const auto& b) { return a.title < b.title; });
    derived.forgetRest();
    return charts;
}

namespace {

/// One line of a chart: that of a run, or the mean of a group.
std::optional<CurveData> lineOf(
    const std::vector<const RunInfo*>& group, const QString& measure, DerivedCurves& derived)
{
    DerivedCurves::Parts parts;
    for (const RunInfo* run : group)
        if (const CurveData* curve = run->curve(measure); curve && !curve->points->isEmpty())
            parts.push_back(readable(measure, *curve, derived).points);
    if (parts.empty())
        return {};
    CurveData line;
    if (parts.size() == 1) {
        line.points = parts.front();
        line.name = group.front()->name;
        return line;
    }
    line = derived.get(parts, [&parts] {
        std::vector<const CurvePoints*> curves;
        for (const auto& part : parts)
            curves.push_back(part.get());
        return meanOf({}, curves);
    });
    line.name = tr("%1, mean of %2 seeds").arg(group.front()->name).arg(parts.size());
    return line;
}

} // namespace

std::vector<CurveGrid::Chart> overlaidChartsOf(const std::vector<const RunInfo*>& runs,
    const QHash<QString, int>& colours, bool grouped, const WatchNames& watched,
    DerivedCurves& derived)
{
    QStringList measures;
    for (const RunInfo* run : runs)
        for (const CurveData& curve : run->curves)
            if (!measures.contains(curve.name) && isWorthShowing(curve))
                measures += curve.name;
    std::stable_sort(measures.begin(), measures.end(), [](const QString& a, const QString& b) {
        return std::pair(placeOfMeasure(a), isResource(a))
            < std::pair(placeOfMeasure(b), isResource(b));
    });
    auto groups = groupedOverSeeds(runs);
    if (!grouped) {
        groups.clear();
        for (const RunInfo* run : runs)
            groups.push_back({ run });
    }
    std::vector<CurveGrid::Chart> charts;
    for (const QString& measure : measures) {
        const QString title = isWatched(measure)
            ? tr("Rank of \"%1\"").arg(nameOf(measure, watched))
            : measure.endsWith(QLatin1String("-bytes")) ? tr("%1 (MB)").arg(measure)
                                                        : measure;
        for (const auto& group : groups)
            if (auto line = lineOf(group, measure, derived)) {
                line->colour = colours.value(group.front()->name, 0);
                addTo(charts, title, std::move(*line));
            }
    }
    derived.forgetRest();
    return charts;
}

} // namespace clipscope::studio
