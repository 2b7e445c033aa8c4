#include "widgets/charts/curve_chart.h"

#include "base/files.h"
#include "widgets/charts/bundle_layer.h"
#include "widgets/charts/curve_legend.h"
#include "widgets/common/format.h"
#include "widgets/common/theme.h"

#include <QBuffer>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QScopedValueRollback>
#include <QSvgGenerator>
#include <QVBoxLayout>
#include <qcustomplot.h>

#include <cmath>
#include <limits>
#include <optional>

namespace clipscope::widgets {

namespace {

constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();
/// From so many curves on lines are plain: one device pixel, no smoothing of edges, no dashes. They
/// are drawn together then.
constexpr std::size_t manyCurves = 16;
constexpr double zoomStep = 0.8;

/// Colour and style of a curve: never colour alone.
QPen penOf(const CurveData& curve, std::size_t place, bool dark, bool plain)
{
    constexpr Qt::PenStyle styles[] = { Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine };
    const std::size_t colour = curve.colour < 0 ? place : static_cast<std::size_t>(curve.colour);
    const std::size_t dash = curve.dash < 0 ? colour : static_cast<std::size_t>(curve.dash);
    const QColor drawn = seriesColour(static_cast<int>(colour), dark);
    if (!plain)
        return QPen(drawn, 1.75, styles[dash % std::size(styles)]);
    QPen thin(drawn, 1.0);
    thin.setCosmetic(true);
    return thin;
}

} // namespace

struct CurveChart::Impl
{
    /// A line of the plot and the points it is thinned from.
    struct Line
    {
        QCPGraph* graph; ///< null: drawn with the others by `bundle`
        std::shared_ptr<const CurvePoints> points;
    };

    std::vector<CurveData> curves;
    std::vector<Line> lines;
    double smoothing = 0.0;
    double cursor = nowhere;
    bool logScale = false;
    bool userZoomed = false;
    bool isTold = false; ///< the steps in view change because we were told so
    std::optional<QPoint> grabbed; ///< where the middle button went down
    QLabel* title = nullptr;
    QLabel* reading = nullptr;
    CurveLegend* legend = nullptr;
    QCustomPlot* plot = nullptr;
    BundleLayer* bundle = nullptr;
    QCPItemStraightLine* line = nullptr;

    void rebuild(bool dark);
    void addLine(const std::shared_ptr<const CurvePoints>& points, const QPen& pen);
    void addBand(const CurveData& curve, const QColor& colour);
    /// Gives every line what can be seen of it.
    void thin();
    void recolour(const Tokens& theme);
    void fit();
    void zoom(double factor, double centre);
    /// One that is not seen is drawn when it is.
    void replot()
    {
        if (plot->isVisible())
            plot->replot(QCustomPlot::rpQueuedReplot);
    }
    /// Step whose values the legend shows: the cursor's, else the last of a curve.
    std::optional<std::size_t> indexAtCursor(const CurveData& curve) const;
    void refreshLegend(bool dark);
};

void CurveChart::Impl::addLine(const std::shared_ptr<const CurvePoints>& points, const QPen& pen)
{
    if (pen.isCosmetic() && pen.style() != Qt::NoPen) {
        lines.push_back({ nullptr, points });
        bundle->lines.push_back({ points, pen.color().rgb() });
        return;
    }
    QCPGraph* graph = plot->addGraph();
    graph->setPen(pen);
    graph->setAdaptiveSampling(false); // thin() knows the true extremes
    // A single point has no line to be seen.
    if (points->size() == 1)
        graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, 5));
    lines.push_back({ graph, points });
}

void CurveChart::Impl::addBand(const CurveData& curve, const QColor& colour)
{
    QColor tint = colour;
    tint.setAlphaF(0.18f);
    addLine(curve.low, Qt::NoPen);
    QCPGraph* edge = lines.back().graph;
    addLine(curve.high, Qt::NoPen);
    lines.back().graph->setBrush(tint);
    lines.back().graph->setChannelFillGraph(edge);
}

void CurveChart::Impl::rebuild(bool dark)
{
    plot->clearGraphs();
    lines.clear();
    bundle->lines.clear();
    const bool plain = curves.size() >= manyCurves;
    for (std::size_t c = 0; c < curves.size(); ++c) {
        const CurveData& curve = curves[c];
        const QPen pen = penOf(curve, c, dark, plain);
        if (curve.low && curve.high)
            addBand(curve, pen.color());
        if (smoothing <= 0.0) {
            addLine(curve.points, pen);
            continue;
        }
        QColor faint = pen.color();
        faint.setAlphaF(0.28f);
        if (!plain && !curve.low)
            addLine(curve.points, QPen(faint, 1.0));
        addLine(std::make_shared<const CurvePoints>(
                    curve.points->steps(), smoothed(curve.points->values(), smoothing)),
            pen);
    }
    if (!userZoomed)
        fit();
    refreshLegend(dark);
}

void CurveChart::Impl::thin()
{
    const QCPRange steps = plot->xAxis->range();
    const int columns = std::max(1, qRound(plot->axisRect()->width() * plot->devicePixelRatioF()));
    QVector<QCPGraphData> shown;
    for (const Line& each : lines) {
        if (!each.graph)
            continue;
        const std::vector<QPointF> points
            = thinned(*each.points, steps.lower, steps.upper, columns);
        shown.clear();
        shown.reserve(static_cast<qsizetype>(points.size()));
        for (const QPointF& point : points)
            shown.append(QCPGraphData(point.x(), point.y()));
        each.graph->data()->set(shown, true);
    }
}

std::optional<std::size_t> CurveChart::Impl::indexAtCursor(const CurveData& curve) const
{
    if (curve.points->isEmpty())
        return {};
    return curve.points->nearest(std::isnan(cursor) ? curve.points->steps().back() : cursor);
}

void CurveChart::Impl::refreshLegend(bool dark)
{
    std::vector<CurveLegend::Entry> entries;
    std::optional<std::int32_t> step;
    bool isOneStep = true;
    const bool plain = curves.size() >= manyCurves;
    for (std::size_t c = 0; c < curves.size(); ++c) {
        const auto index = indexAtCursor(curves[c]);
        const CurvePoints& points = *curves[c].points;
        entries.push_back({ curves[c].name,
            index ? figure(static_cast<double>(points.values()[*index])) : QString(),
            penOf(curves[c], c, dark, plain) });
        if (!index)
            continue;
        isOneStep = isOneStep && step.value_or(points.steps()[*index]) == points.steps()[*index];
        step = step.value_or(points.steps()[*index]);
    }
    // Curves that end at different steps are read at the end of each.
    const bool isAtEnds = std::isnan(cursor) && !isOneStep;
    reading->setText(!step ? QString()
            : isAtEnds     ? CurveChart::tr("last values")
                           : CurveChart::tr("step %1").arg(count(*step)));
    legend->setEntries(std::move(entries));
}

void CurveChart::Impl::fit()
{
    std::optional<CurvePoints::Range> values;
    double first = 0.0, last = 1.0;
    bool any = false;
    for (const Line& each : lines) {
        const CurvePoints& points = *each.points;
        if (points.isEmpty())
            continue;
        first = any ? std::min<double>(first, points.steps().front()) : points.steps().front();
        last = any ? std::max<double>(last, points.steps().back()) : points.steps().back();
        any = true;
        auto range = points.range(0, points.size());
        if (range && logScale && range->low <= 0.0f) {
            // Only what is above zero has a place on this scale.
            float least = std::numeric_limits<float>::infinity();
            for (const float value : points.values())
                least = value > 0.0f ? std::min(least, value) : least;
            range->low = least;
            if (!(range->high >= least))
                range.reset();
        }
        if (range)
            values = values ? CurvePoints::Range{ std::min(values->low, range->low),
                std::max(values->high, range->high) }
                            : *range;
    }
    if (last - first <= 1.0) {
        const double centre = (first + last) / 2;
        first = std::max(0.0, centre - 0.5);
        last = first + 1.0;
    }
    const QScopedValueRollback told(isTold, true);
    plot->xAxis->setRange(first, last);
    plot->xAxis->scaleRange(1.03, plot->xAxis->range().center()); // points are whole at the ends
    const double low = values ? static_cast<double>(values->low) : logScale ? 0.1 : 0.0;
    const double high = values ? static_cast<double>(values->high) : 1.0;
    if (logScale)
        plot->yAxis->setRange(low < high ? low : low / 2, low < high ? high : high * 2);
    else // a single value has no range of its own
        plot->yAxis->setRange(low < high ? low : low - 0.5, low < high ? high : high + 0.5);
    if (!logScale && values)
        plot->yAxis->scaleRange(1.08, plot->yAxis->range().center());
}

void CurveChart::Impl::zoom(double factor, double centre)
{
    plot->xAxis->scaleRange(factor, centre);
    replot();
}

void CurveChart::Impl::recolour(const Tokens& theme)
{
    plot->setBackground(theme.panel);
    const bool focused = plot->parentWidget()->hasFocus();
    const QFont small = typeface(TypeSize::Secondary);
    for (QCPAxis* axis : { plot->xAxis, plot->yAxis }) {
        axis->setBasePen(QPen(focused ? theme.accent : theme.border, 1));
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
    // To the right there is room for half of the last label, which is left out otherwise.
    plot->axisRect()->setMinimumMargins(QMargins(space::xl, space::s, space::xl, space::s));
    plot->setSelectionRectMode(QCP::srmZoom);
    m_impl->bundle = new BundleLayer(plot);
    // The cursor moves without the curves being drawn again.
    plot->addLayer(QStringLiteral("cursor"));
    plot->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
    m_impl->line = new QCPItemStraightLine(plot);
    m_impl->line->setLayer(QStringLiteral("cursor"));
    m_impl->line->setVisible(false);
    setFocusPolicy(Qt::StrongFocus);

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

    connectPlot();
    m_impl->recolour(tokens(this));
    m_impl->fit();
}

void CurveChart::connectPlot()
{
    QCustomPlot* plot = m_impl->plot;
    connect(plot, &QCustomPlot::beforeReplot, this, [this] { m_impl->thin(); });
    connect(plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        setFocus(Qt::MouseFocusReason);
        if (event->button() == Qt::MiddleButton) {
            m_impl->grabbed = event->pos();
            m_impl->plot->setSelectionRectMode(QCP::srmNone); // any button would begin a box
        }
    });
    connect(plot, &QCustomPlot::mouseRelease, this, [this] {
        if (!m_impl->grabbed)
            return;
        m_impl->grabbed.reset();
        m_impl->plot->setSelectionRectMode(QCP::srmZoom);
    });
    connect(plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        QCPAxis* axis = m_impl->plot->xAxis;
        if (m_impl->grabbed) {
            axis->moveRange(
                axis->pixelToCoord(m_impl->grabbed->x()) - axis->pixelToCoord(event->pos().x()));
            m_impl->grabbed = event->pos();
            m_impl->replot();
        }
        const bool inside = m_impl->plot->axisRect()->rect().contains(event->pos());
        moveCursor(inside ? axis->pixelToCoord(event->pos().x()) : nowhere);
    });
    connect(plot->selectionRect(), &QCPSelectionRect::accepted, this,
        [this] { m_impl->userZoomed = true; });
    connect(plot->xAxis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
        [this](const QCPRange& range) {
            if (m_impl->isTold)
                return;
            m_impl->userZoomed = true;
            Q_EMIT stepsChosen(range.lower, range.upper);
        });
    connect(plot, &QCustomPlot::mouseDoubleClick, this, [this] { chooseEverything(); });
    plot->installEventFilter(this);
}

CurveChart::~CurveChart() = default;

void CurveChart::setCurves(std::vector<CurveData> curves)
{
    if (curves == m_impl->curves)
        return;
    m_impl->curves = std::move(curves);
    m_impl->rebuild(tokens(this).dark);
    setCursor(m_impl->cursor);
    m_impl->replot();
}

const std::vector<CurveData>& CurveChart::curves() const
{
    return m_impl->curves;
}

void CurveChart::setSmoothing(double weight)
{
    if (weight == m_impl->smoothing)
        return;
    m_impl->smoothing = weight;
    m_impl->rebuild(tokens(this).dark);
    m_impl->replot();
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
    m_impl->replot();
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
    if (m_impl->plot->isVisible())
        m_impl->plot->layer(QStringLiteral("cursor"))->replot();
}

void CurveChart::moveCursor(double step)
{
    setCursor(step);
    setAccessibleDescription(cursorText());
    Q_EMIT cursorMoved(step);
}

std::pair<double, double> CurveChart::visibleSteps() const
{
    const QCPRange range = m_impl->plot->xAxis->range();
    return { range.lower, range.upper };
}

void CurveChart::showSteps(double first, double last)
{
    const QScopedValueRollback told(m_impl->isTold, true);
    m_impl->plot->xAxis->setRange(first, last);
    m_impl->userZoomed = true;
    m_impl->replot();
}

void CurveChart::chooseEverything()
{
    showEverything();
    Q_EMIT everythingChosen();
}

void CurveChart::showEverything()
{
    m_impl->userZoomed = false;
    m_impl->fit();
    m_impl->replot();
}

QString CurveChart::cursorText() const
{
    QStringList parts;
    for (const CurveData& curve : m_impl->curves) {
        if (const auto index = m_impl->indexAtCursor(curve)) {
            if (parts.isEmpty())
                parts += tr("step %1").arg(count(curve.points->steps()[*index]));
            parts += QStringLiteral("%1 %2").arg(
                curve.name, figure(static_cast<double>(curve.points->values()[*index])));
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
        m_impl->replot();
    }
}

void CurveChart::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Show Everything"), this, &CurveChart::chooseEverything);
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

void CurveChart::keyPressEvent(QKeyEvent* event)
{
    const QCPRange range = m_impl->plot->xAxis->range();
    const double centre = std::isnan(m_impl->cursor) ? range.center() : m_impl->cursor;
    const int direction = event->key() == Qt::Key_Left ? -1 : event->key() == Qt::Key_Right ? 1 : 0;
    if (direction != 0 && event->modifiers() & Qt::ShiftModifier) {
        const double distance = direction * range.size() / 8;
        m_impl->plot->xAxis->moveRange(distance);
        m_impl->replot();
    } else if (direction != 0) {
        const double distance = direction * std::max(1.0, range.size() / 64);
        moveCursor(std::clamp(centre + distance, range.lower, range.upper));
    } else if (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal) {
        m_impl->zoom(zoomStep, centre);
    } else if (event->key() == Qt::Key_Minus) {
        m_impl->zoom(1.0 / zoomStep, centre);
    } else if (event->key() == Qt::Key_Home) {
        chooseEverything();
    } else {
        QWidget::keyPressEvent(event);
    }
}

void CurveChart::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    m_impl->recolour(tokens(this));
    m_impl->replot();
}

void CurveChart::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    m_impl->recolour(tokens(this));
    m_impl->replot();
}

bool CurveChart::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_impl->plot && event->type() == QEvent::Leave)
        moveCursor(nowhere);
    if (watched == m_impl->plot && event->type() == QEvent::Show)
        m_impl->plot->replot(QCustomPlot::rpQueuedReplot);
    return QWidget::eventFilter(watched, event);
}

} // namespace clipscope::widgets
