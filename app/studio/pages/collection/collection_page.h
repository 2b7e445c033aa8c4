#pragma once

#include "app/studio/lane.h"
#include "app/studio/page.h"
#include "app/studio/pages/collection/video_table.h"
#include "app/studio/services.h"

#include <QTimer>

class QAbstractItemView;
class QLabel;
class QLineEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace clipscope::widgets {
class ElidedLabel;
class EmptyState;
} // namespace clipscope::widgets

namespace clipscope::studio {

class DetailsPanel;
class VideoGrid;

/// The videos of the project: drop a folder, see what came in, what is searchable and what is
/// wrong with the rest.
/// Threads: GUI thread only; the catalogue is read in a lane.
class CollectionPage final : public Page
{
    Q_OBJECT

public:
    explicit CollectionPage(Services& services, QWidget* parent = nullptr);
    ~CollectionPage() override;

    PageId id() const override { return PageId::Collection; }
    QString title() const override { return tr("Collection"); }
    widgets::Icon icon() const override { return widgets::Icon::Collection; }
    std::vector<ActionRow> actionRows() override;
    bool isSettled() const override;
    void takeFocus() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

    /// Imports files and folders; what dropping them does.
    void importPaths(const QStringList& paths);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* buildHeader();
    void buildTable();
    void buildGrid();
    QAbstractItemView* view() const; ///< the table or the grid
    void showGrid(bool on);
    void reload();
    void showRows(std::vector<CollectionRow> rows);
    void refreshSummary();
    void refreshDetails();
    void chooseFiles();
    void chooseFolder();
    void openSelected();
    void showMenu(const QPoint& place);

    Services& m_services;
    VideoTable m_table;
    VideoFilter m_filter;
    widgets::ElidedLabel* m_summary = nullptr;
    QLineEdit* m_find = nullptr;
    QPushButton *m_problems = nullptr, *m_addFolder = nullptr, *m_addFiles = nullptr;
    QStackedWidget* m_stack = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    QStackedWidget* m_views = nullptr;
    QTableView* m_view = nullptr;
    VideoGrid* m_grid = nullptr; ///< shares the table's model and selection
    QToolButton *m_asTable = nullptr, *m_asGrid = nullptr;
    QSplitter* m_splitter = nullptr;
    DetailsPanel* m_details = nullptr;
    QLabel* m_dropHint = nullptr; ///< over everything while something is dragged here
    QTimer m_following; ///< reloads while jobs work
    bool m_loaded = false;
    Lane<std::vector<CollectionRow>> m_lane;
};

} // namespace clipscope::studio
