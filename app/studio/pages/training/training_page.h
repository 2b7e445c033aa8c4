#pragma once

#include "app/studio/page.h"
#include "app/studio/pages/training/new_run_form.h"
#include "app/studio/pages/training/run_charts.h"
#include "app/studio/pages/training/run_follower.h"
#include "app/studio/pages/training/run_keeper.h"
#include "app/studio/pages/training/run_list.h"
#include "app/studio/services.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListView;
class QMenu;
class QPushButton;
class QSplitter;
class QStackedWidget;

namespace clipscope::widgets {
class EmptyState;
}

namespace clipscope::studio {

class ComparePanel;
class RunPanel;

/// Start a training run, watch it live, pause, stop, resume and fork it; compare several.
/// Threads: GUI thread only; run folders are read in a lane.
class TrainingPage final : public Page
{
    Q_OBJECT

public:
    explicit TrainingPage(Services& services, QWidget* parent = nullptr);
    ~TrainingPage() override;

    PageId id() const override { return PageId::Training; }
    QString title() const override { return tr("Training"); }
    widgets::Icon icon() const override { return widgets::Icon::Training; }
    std::vector<ActionRow> actionRows() override;
    bool isSettled() const override;
    void takeFocus() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

    /// The run that is shown; empty when there is none, or several.
    QString currentRun() const;
    /// The runs that are selected, in the list's order.
    QStringList selectedRuns() const;
    void showNewRunForm();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* buildList();
    QWidget* buildHeader();
    void connectPanels();
    void onSelectionChanged();
    void select(const QString& name);
    void refreshColours(const QStringList& selected);
    void showSelected(const QString& reason);
    void showMenu(const QPoint& position);
    void forkRun(const QString& name);
    void archiveRun(const QString& name);
    void trashRun(const QString& name);
    void editWatchList();
    void onProjectChanged();
    void lookForMeans();
    void refresh();
    void startRun(const QStringList& arguments);
    void resumeRun(const QString& name);
    QString whyNot() const; ///< why no run can be started or steered now; empty when it can

    Services& m_services;
    RunFollower m_runs;
    RunKeeper m_keeper;
    RunList m_list;
    RunFilter m_filter;
    QLabel* m_notice = nullptr;
    QPushButton* m_watch = nullptr;
    QPushButton *m_new = nullptr, *m_first = nullptr; ///< in the header; where there is no run yet
    QListView* m_view = nullptr;
    QLineEdit* m_words = nullptr;
    QComboBox* m_order = nullptr;
    QCheckBox* m_archive = nullptr;
    QSplitter* m_splitter = nullptr;
    QStackedWidget* m_right = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    RunPanel* m_panel = nullptr;
    ComparePanel* m_compare = nullptr;
    NewRunForm* m_form = nullptr;
    QStringList m_wanted; ///< to be compared as soon as they are there
    QString m_shown; ///< the run that was last shown alone
    QHash<QString, int> m_colours; ///< of the runs that share their charts
    WatchNames m_watched;
    bool m_starting = false; ///< a run was asked for and has no folder yet
    QStringList m_before; ///< the runs there were when it was asked for
    std::int64_t m_captioned = -1; ///< videos with captions; negative while not known
    /// What of the project matters before a run: captions, and models to begin with.
    struct Means
    {
        std::int64_t captioned = 0;
        QList<NewRunForm::Beginning> beginnings;
        WatchNames watched;
    };
    Lane<Means> m_look;
};

} // namespace clipscope::studio
