#include "widgets/charts/matrix_view.h"

#include "widgets/common/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>

namespace clipscope::widgets {

QRectF MatrixGeometry::square() const
{
    const double side = std::max(0.0, std::min(area.width(), area.height()) - 2.0);
    return { (area.width() - side) / 2, 1.0, side, side };
}

QRectF MatrixGeometry::cell(const MatrixCell& cell) const
{
    const QRectF whole = square();
    const double side = whole.width() / std::max(size, 1);
    return { whole.left() + cell.column * side, whole.top() + cell.row * side, side, side };
}

std::optional<MatrixCell> MatrixGeometry::cellAt(const QPointF& position) const
{
    const QRectF whole = square();
    if (size < 1 || whole.isEmpty())
        return {};
    const double column = (position.x() - whole.left()) / whole.width() * size;
    const double row = (position.y() - whole.top()) / whole.height() * size;
    if (!(column >= 0 && column < size && row >= 0 && row < size))
        return {};
    return MatrixCell{ static_cast<int>(row), static_cast<int>(column) };
}

MatrixView::MatrixView(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("matrixView"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
}

void MatrixView::setMatrix(Matrix matrix)
{
    if (matrix == m_matrix)
        return;
    m_matrix = std::move(matrix);
    float low = std::numeric_limits<float>::infinity(), high = -low;
    for (const float value : m_matrix.values)
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    const float span = high > low ? high - low : 1.0f;
    m_image = QImage(m_matrix.size, m_matrix.size, QImage::Format_RGB32);
    for (int row = 0; row < m_matrix.size; ++row)
        for (int column = 0; column < m_matrix.size; ++column)
            m_image.setPixelColor(column, row,
                heatColour(static_cast<double>((m_matrix.at(row, column) - low) / span)));
    if (m_current && std::max(m_current->row, m_current->column) >= m_matrix.size)
        point({});
    update();
}

MatrixGeometry MatrixView::geometry() const
{
    return { QSizeF(size()), m_matrix.size };
}

void MatrixView::setCurrent(std::optional<MatrixCell> cell)
{
    m_current = cell;
    update();
}

void MatrixView::point(std::optional<MatrixCell> cell)
{
    if (cell == m_current)
        return;
    setCurrent(cell);
    Q_EMIT pointed(cell);
}

void MatrixView::paintEvent(QPaintEvent*)
{
    if (m_image.isNull())
        return;
    QPainter painter(this);
    const Tokens& theme = tokens(this);
    const MatrixGeometry place = geometry();
    painter.drawImage(place.square(), m_image); // not smoothed: a cell has one colour
    painter.setPen(QPen(hasFocus() ? theme.accent : theme.border, 1));
    painter.drawRect(place.square());
    if (!m_current)
        return;
    // Dark and light, so that it is seen on any colour.
    const QRectF cell = place.cell(*m_current);
    painter.setPen(QPen(Qt::black, 3));
    painter.drawRect(cell);
    painter.setPen(QPen(Qt::white, 1));
    painter.drawRect(cell);
}

void MatrixView::mouseMoveEvent(QMouseEvent* event)
{
    const auto cell = geometry().cellAt(event->position());
    setCursor(cell ? Qt::PointingHandCursor : Qt::ArrowCursor);
    point(cell);
}

void MatrixView::mousePressEvent(QMouseEvent* event)
{
    const auto cell = geometry().cellAt(event->position());
    if (event->button() != Qt::LeftButton || !cell)
        return QWidget::mousePressEvent(event);
    point(cell);
    Q_EMIT chosen(*cell);
}

void MatrixView::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    if (!hasFocus())
        point({});
}

void MatrixView::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (!m_current && m_matrix.size > 0 && event->reason() != Qt::MouseFocusReason)
        point(MatrixCell{});
    update();
}

void MatrixView::keyPressEvent(QKeyEvent* event)
{
    const int last = m_matrix.size - 1;
    MatrixCell cell = m_current.value_or(MatrixCell{});
    switch (event->key()) {
    case Qt::Key_Left:
        --cell.column;
        break;
    case Qt::Key_Right:
        ++cell.column;
        break;
    case Qt::Key_Up:
        --cell.row;
        break;
    case Qt::Key_Down:
        ++cell.row;
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current)
            Q_EMIT chosen(cell);
        return;
    default:
        return QWidget::keyPressEvent(event);
    }
    if (last >= 0)
        point(MatrixCell{ std::clamp(cell.row, 0, last), std::clamp(cell.column, 0, last) });
}

} // namespace clipscope::widgets
