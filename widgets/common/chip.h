#pragma once

#include <QString>
#include <QWidget>

class QPainter;

namespace clipscope::widgets {

enum class Tone { Neutral, Accent, Good, Warning, Bad };

/// A small word in a rounded frame: a state, a count, a filter. The tone never stands alone: the
/// word says the same.
/// Threads: GUI thread only.
class Chip final : public QWidget
{
    Q_OBJECT

public:
    explicit Chip(const QString& text, Tone tone = Tone::Neutral, QWidget* parent = nullptr);
    void set(const QString& text, Tone tone);
    QString text() const { return m_text; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_text;
    Tone m_tone;
};

/// Paints a chip in an item view's cell, left-aligned and vertically centred in `area`.
/// Returns the width it took.
int paintChip(
    QPainter& painter, const QRect& area, const QString& text, Tone tone, const QPalette& palette);

} // namespace clipscope::widgets
