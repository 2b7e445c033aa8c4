#pragma once

#include "widgets/common/icons.h"

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace clipscope::widgets {

/// What a page shows when it has nothing: an icon, a title, one sentence, perhaps a button.
/// Threads: GUI thread only.
class EmptyState final : public QWidget
{
    Q_OBJECT

public:
    EmptyState(Icon icon, const QString& title, const QString& sentence, QWidget* parent = nullptr);
    void setText(const QString& title, const QString& sentence);
    /// The first one added is the primary button.
    QPushButton* addButton(const QString& text);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Icon m_icon;
    QLabel* m_title;
    QLabel* m_sentence;
    QHBoxLayout* m_buttons;
};

} // namespace clipscope::widgets
