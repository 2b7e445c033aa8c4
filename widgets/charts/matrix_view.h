#pragma once

#include <QImage>
#include <QWidget>

#include <optional>
#include <vector>

namespace clipscope::widgets {

/// A square matrix of numbers, rows one after another.
struct Matrix
{
    int size = 0;
    std::vector<float> values; ///< size * size

    float at(int row, int column) const
    {
        return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(size)
            + static_cast<std::size_t>(column)];
    }
    bool operator==(const Matrix&) const = default;
};

struct MatrixCell
{
    int row = 0, column = 0;

    bool operator==(const MatrixCell&) const = default;
};

/// Where the cells of a matrix lie in a widget: a square in the middle, apart from painting.
/// Units: logical pixels.
struct MatrixGeometry
{
    QSizeF area;
    int size = 0; ///< of the matrix

    QRectF square() const;
    QRectF cell(const MatrixCell& cell) const;
    /// None beside the matrix.
    std::optional<MatrixCell> cellAt(const QPointF& position) const;
};

/// A heat map of a matrix, painted from one image. Hovering and the arrow keys point at a cell,
/// Enter and a click choose it.
/// Threads: GUI thread only.
class MatrixView final : public QWidget
{
    Q_OBJECT

public:
    explicit MatrixView(QWidget* parent = nullptr);
    /// The colours span the finite values from the lowest to the highest.
    void setMatrix(Matrix matrix);
    const Matrix& matrix() const { return m_matrix; }
    MatrixGeometry geometry() const;
    void setCurrent(std::optional<MatrixCell> cell);
    std::optional<MatrixCell> current() const { return m_current; }

    QSize minimumSizeHint() const override { return { 200, 200 }; }
    QSize sizeHint() const override { return { 420, 420 }; }

Q_SIGNALS:
    /// Hovering or the keys reached a cell; none when the pointer left.
    void pointed(const std::optional<clipscope::widgets::MatrixCell>& cell);
    void chosen(const clipscope::widgets::MatrixCell& cell);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;

private:
    void point(std::optional<MatrixCell> cell);

    Matrix m_matrix;
    QImage m_image; ///< one pixel a cell
    std::optional<MatrixCell> m_current;
};

} // namespace clipscope::widgets
