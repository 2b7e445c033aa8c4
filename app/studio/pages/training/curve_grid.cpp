#include "app/studio/pages/training/curve_grid.h"

#include "widgets/charts/curve_chart.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/theme.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>
#include <map>

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int columns = 2;
constexpr int chartHeight = 230;

} // namespace

QString chartTitleOf(const QString& curveName)
{
    if (curveName.contains(QLatin1String("loss")))
        return CurveGrid::tr("Loss");
    if (curveName.contains(QLatin1String("recall")))
        return CurveGrid::tr("Recall of own pairs");
    if (curveName.contains(QLatin1String("rank")))
        return CurveGrid::tr("Median rank of own pairs");
    if (curveName.contains(QLatin1String("learning")) || curveName == QLatin1String("lr"))
        return CurveGrid::tr("Learning rate");
    if (curveName.contains(QLatin1String("norm")))
        return CurveGrid::tr("Gradient norm");
    if (curveName.contains(QLatin1String("per-second")))
        return CurveGrid::tr("Speed");
    return curveName;
}

CurveGrid::CurveGrid(QWidget* parent)
    : QWidget(parent)
    , m_controls(new QWidget(this))
    , m_smoothing(new QSlider(Qt::Horizontal, m_controls))
    , m_logScale(new QCheckBox(tr("Logarithmic"), m_controls))
    , m_waiting(new QLabel(tr("The first step has not been reported yet."), this))
    , m_grid(new QGridLayout)
{
    m_smoothing->setRange(0, 99);
    m_smoothing->setValue(0);
    m_smoothing->setFixedWidth(140);
    m_smoothing->setAccessibleName(tr("Smoothing"));
    auto* label = new QLabel(tr("Smoothing"), m_controls);
    label->setBuddy(m_smoothing);
    label->setProperty("role", QStringLiteral("secondary"));
    auto* hint = new ElidedLabel(tr("Drag a box to zoom, double click to see all"), m_controls);
    hint->setElideMode(Qt::ElideRight);
    hint->setProperty("role", QStringLiteral("secondary"));
    hint->setFont(typeface(TypeSize::Secondary));
    auto* row = new QHBoxLayout(m_controls);
    row->setContentsMargins(0, 0, space::l, 0); // ends where the cards end, before the scroll bar
    row->setSpacing(space::s);
    row->addWidget(label);
    row->addWidget(m_smoothing);
    row->addSpacing(space::s);
    row->addWidget(m_logScale);
    row->addStretch(1);
    row->addWidget(hint);
    m_waiting->setAlignment(Qt::AlignCenter);
    m_waiting->setProperty("role", QStringLiteral("secondary"));

    auto* content = new QWidget(this);
    m_grid->setSpacing(space::m);
    m_grid->setContentsMargins(0, 0, space::s, 0);
    for (int column = 0; column < columns; ++column)
        m_grid->setColumnStretch(column, 1);
    auto* inside = new QVBoxLayout(content);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->addLayout(m_grid);
    inside->addStretch(1);
    auto* area = new QScrollArea(this);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setWidget(content);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::l, space::m, space::s, space::s);
    column->setSpacing(space::m);
    column->addWidget(m_controls);
    column->addWidget(m_waiting, 1);
    column->addWidget(area, 1);

    connect(m_smoothing, &QSlider::valueChanged, this, [this](int percent) {
        for (CurveChart* chart : charts())
            chart->setSmoothing(percent / 100.0);
    });
    connect(m_logScale, &QCheckBox::toggled, this, [this](bool on) {
        for (CurveChart* chart : charts())
            chart->setLogScale(on);
    });
    setCurves({});
}

std::vector<CurveChart*> CurveGrid::charts() const
{
    std::vector<CurveChart*> result;
    for (const Group& group : m_groups)
        result.push_back(group.chart);
    return result;
}

CurveGrid::Group& CurveGrid::groupFor(const QString& title)
{
    const auto known = std::find_if(m_groups.begin(), m_groups.end(),
        [&title](const Group& group) { return group.title == title; });
    if (known != m_groups.end())
        return *known;
    auto* card = new QFrame(this);
    card->setProperty("part", QStringLiteral("card"));
    card->setMinimumHeight(chartHeight);
    auto* chart = new CurveChart(title, card);
    auto* inside = new QVBoxLayout(card);
    inside->setContentsMargins(space::m, space::s, space::s, space::s);
    inside->addWidget(chart);
    chart->setSmoothing(m_smoothing->value() / 100.0);
    chart->setLogScale(m_logScale->isChecked());
    connect(chart, &CurveChart::failed, this, &CurveGrid::failed);
    connect(chart, &CurveChart::cursorMoved, this, [this, chart](double step) {
        for (CurveChart* other : charts())
            if (other != chart)
                other->setCursor(step);
    });
    return m_groups.emplace_back(Group{ title, chart });
}

void CurveGrid::arrange()
{
    // What is asked first comes first: does it learn, does it find; then how it goes.
    const QStringList order{ chartTitleOf(QStringLiteral("loss")),
        chartTitleOf(QStringLiteral("recall-1")), chartTitleOf(QStringLiteral("median-rank")),
        chartTitleOf(QStringLiteral("gradient-norm")),
        chartTitleOf(QStringLiteral("learning-rate")) };
    const auto rank = [&order](const Group& group) {
        const auto place = order.indexOf(group.title);
        return place < 0 ? order.size() : place;
    };
    std::stable_sort(m_groups.begin(), m_groups.end(),
        [&rank](const Group& a, const Group& b) { return rank(a) < rank(b); });
    int place = 0;
    for (const Group& group : m_groups) {
        QWidget* card = group.chart->parentWidget();
        m_grid->removeWidget(card);
        m_grid->addWidget(card, place / columns, place % columns);
        ++place;
    }
}

void CurveGrid::setCurves(const std::vector<CurveData>& curves)
{
    std::map<QString, std::vector<CurveData>> byTitle;
    for (const CurveData& curve : curves) {
        // Counts of what should not happen are shown once it has happened.
        const auto isZero = [](double value) { return value == 0.0; };
        if (curve.name == QLatin1String("skipped")
            && std::all_of(curve.y.begin(), curve.y.end(), isZero))
            continue;
        byTitle[chartTitleOf(curve.name)].push_back(curve);
    }
    // The short name is the plain measure: it gets the first colour, whenever it was first seen.
    for (auto& [title, group] : byTitle)
        std::stable_sort(group.begin(), group.end(),
            [](const CurveData& a, const CurveData& b) { return a.name.size() < b.name.size(); });
    const std::size_t before = m_groups.size();
    for (const auto& [title, group] : byTitle)
        groupFor(title);
    if (m_groups.size() != before)
        arrange();
    for (Group& group : m_groups) {
        const auto found = byTitle.find(group.title);
        group.chart->parentWidget()->setVisible(found != byTitle.end());
        group.chart->setCurves(
            found == byTitle.end() ? std::vector<CurveData>{} : std::move(found->second));
    }
    m_waiting->setVisible(curves.empty());
    m_controls->setVisible(!curves.empty());
}

} // namespace clipscope::studio
