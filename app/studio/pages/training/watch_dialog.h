#pragma once

#include "app/studio/lane.h"
#include "app/studio/pages/training/watch_model.h"

#include <QDialog>

#include <memory>
#include <variant>

class QLabel;
class QPushButton;
class QTableView;

namespace clipscope::widgets {
class EmptyState;
}

namespace clipscope::studio {

/// Edits the watch list of a project: pinned queries with the moment each is expected to find.
/// Errors:  said in the dialog, which then stays.
/// Threads: GUI thread only; the files are read and written in lanes.
class WatchDialog final : public QDialog
{
    Q_OBJECT

public:
    explicit WatchDialog(const std::filesystem::path& project, QWidget* parent = nullptr);
    ~WatchDialog() override;
    const WatchModel* model() const { return m_model.get(); } ///< null while it is read

Q_SIGNALS:
    void saved();

private:
    struct Content
    {
        store::WatchList list;
        WatchModel::Titles titles;
    };
    void take(Content content);
    void refresh();
    void save();

    std::filesystem::path m_project;
    std::unique_ptr<WatchModel> m_model;
    QTableView* m_table;
    widgets::EmptyState* m_nothing; ///< in place of an empty table
    QLabel* m_problem;
    QPushButton *m_add, *m_remove, *m_save;
    Lane<Content> m_read;
    Lane<std::monostate> m_write;
};

} // namespace clipscope::studio
