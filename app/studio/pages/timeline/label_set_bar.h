#pragma once

#include "labels/label_set_file.h"

#include <QWidget>

#include <filesystem>
#include <optional>
#include <string>

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
    void buildRule();
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
    /// The task to take, "" for all or the only one; nothing when the user takes none.
    Result<std::optional<std::string>> askTask(
        const std::string& content, const std::filesystem::path& path, labels::SetFormat format);

    TimelineDesk& m_desk;
    QComboBox* m_sets;
    QToolButton *m_setMenu, *m_options, *m_label;
    QLabel* m_threshold;
    QLineEdit* m_templates;
    SegmenterForm* m_rule;
};

} // namespace clipscope::studio
