#include "widgets/charts/curve_chart.h"

#include "base/files.h"
#include "widgets/charts/curve_legend.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QBuffer>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSvgGenerator>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <cmath>
#include <limits>
#include <optional>

namespace clipscope::widgets {

namespace {

constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();
/// Colour and style of a curve by its place: never colour alone.
QPen penOf(std::size_t place, bool dark)
{
    constexpr Qt::PenStyle styles[] = { Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine };
    return QPen(
        seriesColour(static_cast<int>(place), dark), 1.75, styles[place % std::size(styles)]);
}

} // namespace

struct CurveChart::Impl
{
    std::vector<CurveData> curves;
    double smoothing = 0.0;
    double cursor = nowhere;
    bool logScale = false;
    bool userZoomed = false;
    QLabel* title = nullptr;
    QLabel* reading = nullptr;
    CurveLegend* legend = nullptr;
    QCustomPlot* plot = nullptr;
    QCPItemStraightLine* line = nullptr;

    void rebuild(bool dark);
    void recolour(const Tokens& theme);
    void fit();
    /// Step whose values the legend shows: the cursor's, else the last of a curve.
    std::optional<std::size_t> indexAtCursor(const CurveData& curve) const;
    void refreshLegend(bool dark);
};

void CurveChart::Impl::rebuild(bool dark)
{
    plot->clearGraphs();
    const bool soft = smoothing > 0.0;
    for (std::size_t c = 0; c < curves.size(); ++c) {
        const CurveData& curve = curves[c];
        const QVector<double> x(curve.x.begin(), curve.x.end());
        const std::vector<double> shown = smoothed(curve.y, smoothing);
        if (soft) {
            QColor faint = penOf(c, dark).color();
            faint.setAlphaF(0.28f);
            QCPGraph* raw = plot->addGraph();
            raw->setPen(QPen(faint, 1.0));
            raw->setData(x, QVector<double>(curve.y.begin(), curve.y.end()), true);
        }
        QCPGraph* graph = plot->addGraph();
        graph->setName(curve.name);
        graph->setPen(penOf(c, dark));
        graph->setData(x, QVector<double>(shown.begin(), shown.end()), true);
        // A single point has no line to be seen.
        if (curve.x.size() == 1)
            graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, 5));
    }
    if (!userZoomed)
        fit();
    refreshLegend(dark);
}

std::optional<std::size_t> CurveChart::Impl::indexAtCursor(const CurveData& curve) const
{
    if (curve.x.empty())
        return {};
    return curve.nearest(std::isnan(cursor) ? curve.x.back() : cursor);
}

void CurveChart::Impl::refreshLegend(bool dark)
{
    std::vector<CurveLegend::Entry> entries;
    QString step;
    for (std::size_t c = 0; c < curves.size(); ++c) {
        const auto index = indexAtCursor(curves[c]);
        entries.push_back(
            { curves[c].name, index ? figure(curves[c].y[*index]) : QString(), penOf(c, dark) });
        if (index && step.isEmpty())
            step = CurveChart::tr("step %1").arg(count(std::llround(curves[c].x[*index])));
    }
    reading->setText(step);
    legend->setEntries(std::move(entries));
}

void CurveChart::Impl::fit()
{
    // A single value has no range of its own: the axis keeps the size it has.
    plot->xAxis->setRange(0, 1);
    if (!logScale)
        plot->yAxis->setRange(0, 1);
    plot->rescaleAxes();
    if (plot->graphCount() == 0) {
        plot->xAxis->setRange(0, 1);
        plot->yAxis->setRange(logScale ? 0.1 : 0, 1);
        return;
    }
    if (plot->xAxis->range().size() <= 1.0) {
        const double first = std::max(0.0, plot->xAxis->range().center() - 0.5);
        plot->xAxis->setRange(first, first + 1.0);
    }
    plot->xAxis->scaleRange(1.03, plot->xAxis->range().center()); // points are whole at the ends
    if (!logScale)
        plot->yAxis->scaleRange(1.08, plot->yAxis->range().center());
}

void CurveChart::Impl::recolour(const Tokens& theme)
{
    plot->setBackground(theme.panel);
    const QFont small = typeface(TypeSize::Secondary);
    for (QCPAxis* axis : { plot->xAxis, plot->yAxis }) {
        axis->setBasePen(QPen(theme.border, 1));
        axis->setTickPen(QPen(theme.border, 1));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(theme.secondary);
        axis->setTickLabelFont(small);
        axis->setTickLengthIn(0);
        axis->setTickLengthOut(4);
        QColor grid = theme.border;
        grid.setAlphaF(0.6f);
        axis->grid()->setPen(QPen(grid, 1));
        axis->grid()->setZeroLinePen(QPen(grid, 1));
    }
    line->setPen(QPen(theme.strongBorder, 1));
    QColor box = theme.accent;
    box.setAlphaF(0.15f);
    plot->selectionRect()->setPen(QPen(theme.accent, 1));
    plot->selectionRect()->setBrush(box);
}

CurveChart::CurveChart(const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_impl(std::make_unique<Impl>())
{
    setObjectName(QStringLiteral("curveChart"));
    setAccessibleName(title);
    m_impl->title = new QLabel(title, this);
    m_impl->title->setFont(typeface(TypeSize::Base, true));
    m_impl->reading = new QLabel(this);
    m_impl->reading->setProperty("role", QStringLiteral("secondary"));
    m_impl->reading->setFont(typeface(TypeSize::Secondary));

    auto* plot = m_impl->plot = new QCustomPlot(this);
    plot->setMouseTracking(true);
    plot->setFocusPolicy(Qt::NoFocus);
    plot->setAttribute(Qt::WA_OpaquePaintEvent);
    plot->setContextMenuPolicy(Qt::NoContextMenu);
    plot->setInteractions(QCP::iRangeZoom);
    plot->axisRect()->setRangeZoom(Qt::Horizontal);
    plot->axisRect()->setMinimumMargins(QMargins(space::xl, space::s, space::s, space::s));
    plot->setSelectionRectMode(QCP::srmZoom);
    m_impl->line = new QCPItemStraightLine(plot);
    m_impl->line->setVisible(false);

    auto* header = new QHBoxLayout;
    header->addWidget(m_impl->title);
    header->addStretch(1);
    header->addWidget(m_impl->reading);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::xs);
    column->addLayout(header);
    column->addWidget(plot, 1);
    m_impl->legend = new CurveLegend(this);
    column->addWidget(m_impl->legend);

    connect(plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        const double step = m_impl->plot->xAxis->pixelToCoord(event->pos().x());
        const bool inside = m_impl->plot->axisRect()->rect().contains(event->pos());
        setCursor(inside ? step : nowhere);
        Q_EMIT cursorMoved(m_impl->cursor);
    });
    connect(plot->selectionRect(), &QCPSelectionRect::accepted, this,
        [this] { m_impl->userZoomed = true; });
    connect(plot, &QCustomPlot::mouseWheel, this, [this] { m_impl->userZoomed = true; });
    connect(plot, &QCustomPlot::mouseDoubleClick, this, [this] {
        m_impl->userZoomed = false;
        m_impl->fit();
        m_impl->plot->replot(QCustomPlot::rpQueuedReplot);
    });
    plot->installEventFilter(this);
    m_impl->recolour(tokens(this));
    m_impl->fit();
}

CurveChart::~CurveChart() = default;

void CurveChart::setCurves(std::vector<CurveData> curves)
{
    m_impl->curves = std::move(curves);
    m_impl->rebuild(tokens(this).dark);
    setCursor(m_impl->cursor);
    m_impl->plot->replot(QCustomPlot::rpQueuedReplot);
}

const std::vector<CurveData>& CurveChart::curves() const
{
    return m_impl->curves;
}

void CurveChart::setSmoothing(double weight)
{
    m_impl->smoothing = weight;
    m_impl->rebuild(tokens(this).dark);
    m_impl->plot->replot(QCustomPlot::rpQueuedReplot);
}

void CurveChart::setLogScale(bool on)
{
    m_impl->logScale = on;
    QCPAxis* axis = m_impl->plot->yAxis;
    axis->setScaleType(on ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    if (on)
        axis->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
    else
        axis->setTicker(QSharedPointer<QCPAxisTicker>::create());
    m_impl->userZoomed = false;
    m_impl->fit();
    m_impl->plot->replot(QCustomPlot::rpQueuedReplot);
}

void CurveChart::setCursor(double step)
{
    m_impl->cursor = step;
    m_impl->line->setVisible(!std::isnan(step));
    if (!std::isnan(step)) {
        m_impl->line->point1->setCoords(step, 0.0);
        m_impl->line->point1->setType(QCPItemPosition::ptPlotCoords);
        m_impl->line->point1->setTypeY(QCPItemPosition::ptAxisRectRatio);
        m_impl->line->point2->setTypeX(QCPItemPosition::ptPlotCoords);
        m_impl->line->point2->setTypeY(QCPItemPosition::ptAxisRectRatio);
        m_impl->line->point2->setCoords(step, 1.0);
    }
    m_impl->refreshLegend(tokens(this).dark);
    m_impl->plot->replot(QCustomPlot::rpQueuedReplot);
}

QString CurveChart::cursorText() const
{
    QStringList parts;
    for (const CurveData& curve : m_impl->curves) {
        if (const auto index = m_impl->indexAtCursor(curve)) {
            if (parts.isEmpty())
                parts += tr("step %1").arg(count(std::llround(curve.x[*index])));
            parts += QStringLiteral("%1 %2").arg(curve.name, figure(curve.y[*index]));
        }
    }
    return parts.join(QStringLiteral("   "));
}

Status CurveChart::exportSvg(const QString& path)
{
    QSvgGenerator svg;
    QBuffer drawing;
    svg.setOutputDevice(&drawing);
    const QSize size = m_impl->plot->size();
    svg.setSize(size);
    svg.setViewBox(QRect(QPoint(), size));
    svg.setTitle(m_impl->title->text());
    QCPPainter painter;
    painter.begin(&svg);
    m_impl->plot->toPainter(&painter, size.width(), size.height());
    painter.end();
    return writeFileAtomically(toPath(path), drawing.data().toStdString());
}

Status CurveChart::exportCsv(const QString& path) const
{
    return writeFileAtomically(toPath(path), toUtf8(toCsv(m_impl->curves)));
}

void CurveChart::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_impl->plot) {
        m_impl->recolour(tokens(this));
        m_impl->rebuild(tokens(this).dark);
        m_impl->plot->replot(QCustomPlot::rpQueuedReplot);
    }
}

void CurveChart::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Show Everything"), this, [this] {
        m_impl->userZoomed = false;
        m_impl->fit();
        m_impl->plot->replot(QCustomPlot::rpQueuedReplot);
    });
    QAction* logarithmic = menu->addAction(tr("Logarithmic Scale"));
    logarithmic->setCheckable(true);
    logarithmic->setChecked(m_impl->logScale);
    connect(logarithmic, &QAction::toggled, this, &CurveChart::setLogScale);
    menu->addSeparator();
    const auto save = [this](const QString& title, const QString& filter, auto write) {
        auto* dialog = new QFileDialog(this, title, {}, filter);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        connect(dialog, &QFileDialog::fileSelected, this, [this, write](const QString& file) {
            if (const Status written = write(file); !written)
                Q_EMIT failed(written.error());
        });
        dialog->open();
    };
    menu->addAction(tr("Export as SVG..."), this, [this, save] {
        save(tr("Export Curves"), tr("SVG (*.svg)"),
            [this](const QString& p) { return exportSvg(p); });
    });
    menu->addAction(tr("Export as CSV..."), this, [this, save] {
        save(tr("Export Curves"), tr("CSV (*.csv)"),
            [this](const QString& p) { return exportCsv(p); });
    });
    menu->popup(event->globalPos());
}

bool CurveChart::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_impl->plot && event->type() == QEvent::Leave) {
        setCursor(nowhere);
        Q_EMIT cursorMoved(nowhere);
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace clipscope::widgets
