#pragma once

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QToolButton;

namespace clipscope::studio {

class SegmenterForm;
class TimelineDesk;

/// Which label set is asked for, what is done with sets, and how scores become segments.
/// Threads: GUI thread only.
class LabelSetBar final : public QWidget
{
    Q_OBJECT

public:
    LabelSetBar(TimelineDesk& desk, QWidget* parent = nullptr);

private:
    QWidget* buildOptions();
    void fillSetMenu();
    void takeTemplates();
    void showSets();
    void showModel();
    void newSet();
    void importSet();
    void exportSet();
    void renameSet();
    void removeSet();
    QString askName(const QString& title, const QString& proposal);

    TimelineDesk& m_desk;
    QComboBox* m_sets;
    QToolButton *m_setMenu, *m_options, *m_label;
    QLabel* m_threshold;
    QLineEdit* m_templates;
    SegmenterForm* m_rule = nullptr;
};

} // namespace clipscope::studio
