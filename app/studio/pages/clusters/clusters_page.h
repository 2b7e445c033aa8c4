#pragma once

#include "app/studio/lane.h"
#include "app/studio/page.h"
#include "app/studio/pages/clusters/cluster_reader.h"
#include "app/studio/services.h"

#include <QTimer>

class QComboBox;
class QLabel;
class QSlider;
class QSplitter;
class QStackedWidget;

namespace clipscope::widgets {
class EmptyState;
} // namespace clipscope::widgets

namespace clipscope::studio {

/// What a run showed to the model: the clusters of each epoch, and of a cluster its seed, the
/// candidates with their distance, those that were drawn, and the pairs with their loss.
/// Threads: GUI thread only; records are read in lanes.
class ClustersPage final : public Page
{
    Q_OBJECT

public:
    explicit ClustersPage(Services& services, QWidget* parent = nullptr);
    ~ClustersPage() override;

    PageId id() const override { return PageId::Clusters; }
    QString title() const override { return tr("Clusters"); }
    widgets::Icon icon() const override { return widgets::Icon::Clusters; }
    std::vector<ActionRow> actionRows() override;
    bool isSettled() const override;
    void takeFocus() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* buildHeader();
    QWidget* buildDetail();
    void onProjectChanged();
    void lookForRuns();
    void takeRuns(std::vector<RecordedRun> runs);
    const RecordedRun* run() const;
    std::int64_t epoch() const; ///< 0: none
    void stepEpoch(int by);
    void loadEpoch();
    void showClusters();
    void loadCluster();
    void openTile(const widgets::ClipTile& tile);
    void say(const QString& title, const QString& sentence);

    Services& m_services;
    std::vector<RecordedRun> m_runs;
    bool m_looked = false; ///< the folder of runs has been read once
    QString m_wantedRun; ///< of the last session
    ClusterEpoch m_epoch;
    std::vector<std::size_t> m_order; ///< rows of the list -> clusters

    QStackedWidget* m_stack;
    widgets::EmptyState* m_empty;
    QComboBox *m_run = nullptr, *m_sorting = nullptr;
    QSlider* m_slider = nullptr;
    QLabel *m_epochLabel = nullptr, *m_facts = nullptr;
    QLabel *m_title = nullptr, *m_summary = nullptr, *m_pairsTitle = nullptr;
    QSplitter* m_splitter = nullptr;
    widgets::ClipTiles *m_clusters, *m_candidates, *m_pairs;
    QTimer m_timer;
    Lane<std::vector<RecordedRun>> m_look;
    Lane<ClusterEpoch> m_load;
    Lane<ClusterDetail> m_detail;
};

} // namespace clipscope::studio
