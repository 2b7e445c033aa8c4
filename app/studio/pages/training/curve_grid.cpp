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

namespace clipscope::studio {

using namespace widgets;

namespace {

constexpr int columns = 2;
constexpr int chartHeight = 230;

} // namespace

CurveGrid::CurveGrid(QWidget* parent)
    : QWidget(parent)
    , m_controls(new QWidget(this))
    , m_extra(new QHBoxLayout)
    , m_smoothing(new QSlider(Qt::Horizontal, m_controls))
    , m_logScale(new QCheckBox(tr("Logarithmic"), m_controls))
    , m_linked(new QCheckBox(tr("Linked Zoom"), m_controls))
    , m_waiting(new QLabel(this))
    , m_area(new QScrollArea(this))
    , m_grid(new QGridLayout)
{
    m_waiting->setAlignment(Qt::AlignCenter);
    m_waiting->setProperty("role", QStringLiteral("secondary"));
    m_waiting->setWordWrap(true);
    auto* content = new QWidget(this);
    m_grid->setSpacing(space::m);
    m_grid->setContentsMargins(0, 0, space::s, 0);
    for (int column = 0; column < columns; ++column)
        m_grid->setColumnStretch(column, 1);
    auto* inside = new QVBoxLayout(content);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->addLayout(m_grid);
    inside->addStretch(1);
    m_area->setWidgetResizable(true);
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_area->setFocusPolicy(Qt::NoFocus);
    m_area->setWidget(content);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(space::l, space::m, space::s, space::s);
    column->setSpacing(space::m);
    column->addWidget(buildControls());
    column->addWidget(m_waiting, 1);
    column->addWidget(m_area, 1);

    connect(m_smoothing, &QSlider::valueChanged, this, [this](int percent) {
        for (CurveChart* chart : charts())
            chart->setSmoothing(percent / 100.0);
    });
    connect(m_linked, &QCheckBox::toggled, this, [this](bool on) {
        if (on && m_steps)
            chooseSteps(nullptr, m_steps->first, m_steps->second);
    });
    connect(m_logScale, &QCheckBox::toggled, this, [this](bool on) {
        m_steps.reset(); // another scale shows everything
        for (CurveChart* chart : charts())
            chart->setLogScale(on);
    });
    setWaitingText(tr("The first step has not been reported yet."));
    setCharts({});
}

QWidget* CurveGrid::buildControls()
{
    m_smoothing->setRange(0, 99);
    m_smoothing->setValue(0);
    m_smoothing->setFixedWidth(140);
    m_smoothing->setAccessibleName(tr("Smoothing"));
    m_smoothing->setObjectName(QStringLiteral("smoothing"));
    m_logScale->setObjectName(QStringLiteral("logScale"));
    m_linked->setObjectName(QStringLiteral("linkedZoom"));
    m_linked->setChecked(true);
    m_linked->setToolTip(tr("Zooming or panning along the steps does the same in all charts."));
    auto* label = new QLabel(tr("Smoothing"), m_controls);
    label->setBuddy(m_smoothing);
    label->setProperty("role", QStringLiteral("secondary"));
    auto* hint = new ElidedLabel(
        tr("Box or wheel zooms, middle button pans, double click shows all"), m_controls);
    hint->setElideMode(Qt::ElideRight);
    hint->setToolTip(tr("With a chart in focus: Left and Right move the cursor, with Shift they "
                        "pan, + and - zoom, Home shows everything."));
    hint->setProperty("role", QStringLiteral("secondary"));
    hint->setFont(typeface(TypeSize::Secondary));
    auto* row = new QHBoxLayout(m_controls);
    row->setContentsMargins(0, 0, space::l, 0); // ends where the cards end, before the scroll bar
    row->setSpacing(space::s);
    row->addWidget(label);
    row->addWidget(m_smoothing);
    row->addSpacing(space::s);
    row->addWidget(m_logScale);
    row->addSpacing(space::s);
    row->addWidget(m_linked);
    row->addLayout(m_extra);
    row->addStretch(1);
    row->addWidget(hint);
    return m_controls;
}

void CurveGrid::addControl(QWidget* control)
{
    m_extra->addSpacing(space::s);
    m_extra->addWidget(control);
}

void CurveGrid::setWaitingText(const QString& text)
{
    m_waiting->setText(text);
}

std::vector<CurveChart*> CurveGrid::charts() const
{
    std::vector<CurveChart*> result;
    for (const Card& card : m_cards)
        result.push_back(card.chart);
    return result;
}

CurveGrid::Card CurveGrid::makeCard(const QString& title)
{
    auto* frame = new QFrame(this);
    frame->setProperty("part", QStringLiteral("card"));
    frame->setMinimumHeight(chartHeight);
    auto* chart = new CurveChart(title, frame);
    auto* inside = new QVBoxLayout(frame);
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
    connect(chart, &CurveChart::stepsChosen, this,
        [this, chart](double first, double last) { chooseSteps(chart, first, last); });
    connect(chart, &CurveChart::everythingChosen, this, [this, chart] { chooseEverything(chart); });
    if (m_linked->isChecked() && m_steps)
        chart->showSteps(m_steps->first, m_steps->second);
    return { title, chart };
}

void CurveGrid::chooseSteps(CurveChart* by, double first, double last)
{
    m_steps = { first, last };
    if (!m_linked->isChecked())
        return;
    for (CurveChart* other : charts())
        if (other != by)
            other->showSteps(first, last);
}

void CurveGrid::chooseEverything(CurveChart* by)
{
    m_steps.reset();
    if (!m_linked->isChecked())
        return;
    for (CurveChart* other : charts())
        if (other != by)
            other->showEverything();
}

void CurveGrid::arrange()
{
    int place = 0;
    for (const Card& card : m_cards) {
        QWidget* frame = card.chart->parentWidget();
        m_grid->removeWidget(frame);
        m_grid->addWidget(frame, place / columns, place % columns);
        frame->show();
        ++place;
    }
}

void CurveGrid::setCharts(std::vector<Chart> charts)
{
    const auto isShown
        = [](const Chart& chart, const Card& card) { return chart.title == card.title; };
    if (!std::equal(charts.begin(), charts.end(), m_cards.begin(), m_cards.end(), isShown)) {
        std::vector<Card> before = std::move(m_cards);
        m_cards.clear();
        for (const Chart& chart : charts) {
            const auto known = std::find_if(before.begin(), before.end(),
                [&](const Card& card) { return isShown(chart, card); });
            m_cards.push_back(known == before.end() ? makeCard(chart.title) : *known);
            if (known != before.end())
                before.erase(known);
        }
        for (const Card& gone : before)
            delete gone.chart->parentWidget();
        arrange();
    }
    for (std::size_t i = 0; i < charts.size(); ++i)
        m_cards[i].chart->setCurves(std::move(charts[i].curves));
    m_waiting->setVisible(charts.empty());
    m_controls->setVisible(!charts.empty());
    m_area->setVisible(!charts.empty());
}

} // namespace clipscope::studio
