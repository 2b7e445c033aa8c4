#pragma once

#include <QImage>
#include <QWidget>

namespace clipscope::widgets {

/// Paints one picture as large as fits on a neutral surround, or a sentence instead.
/// Threads: GUI thread only.
class VideoView final : public QWidget
{
    Q_OBJECT

public:
    explicit VideoView(QWidget* parent = nullptr);
    void show(const QImage& picture);
    QImage picture() const { return m_picture; }
    /// Shown in place of a picture while there is none.
    void setMessage(const QString& message);

    QSize sizeHint() const override { return { 640, 360 }; }
    QSize minimumSizeHint() const override { return { 240, 135 }; }

Q_SIGNALS:
    void clicked();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    QImage m_picture;
    QString m_message;
};

/// The largest rectangle of the picture's shape inside `area`, centred, on whole pixels.
QRect fittedInto(const QRect& area, const QSize& picture);

} // namespace clipscope::widgets
