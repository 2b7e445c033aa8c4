#pragma once

#include <QWidget>

class QComboBox;
class QLabel;
class QToolButton;

namespace clipscope::widgets {
class ElidedLabel;
}

namespace clipscope::studio {

class LabelExchange;
class TimelineDesk;

/// Which video is on the table, its label set and rule, files, and how far the review is.
/// Threads: GUI thread only.
class TimelineHeader final : public QWidget
{
    Q_OBJECT

public:
    /// Takes `title`.
    TimelineHeader(
        TimelineDesk& desk, LabelExchange& exchange, QLabel* title, QWidget* parent = nullptr);

private:
    void fillFilesMenu();
    void showFilm();

    TimelineDesk& m_desk;
    LabelExchange& m_exchange;
    widgets::ElidedLabel* m_film;
    QToolButton* m_files;
    QComboBox* m_review;
};

} // namespace clipscope::studio
