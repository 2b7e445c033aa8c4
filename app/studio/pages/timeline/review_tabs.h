#pragma once

#include "app/studio/pages/timeline/review_models.h"
#include "widgets/timeline/segments_model.h"

#include <QSortFilterProxyModel>
#include <QTabWidget>

class QTableView;

namespace clipscope::studio {

/// What stands beside the player: the labels, every segment as a table, the places in doubt, and
/// the queue of videos.
/// Threads: GUI thread only.
class ReviewTabs final : public QTabWidget
{
    Q_OBJECT

public:
    /// Takes `labels` as its first tab.
    explicit ReviewTabs(QWidget& labels, QWidget* parent = nullptr);

    widgets::SegmentsModel& segments() { return m_segments; }
    QueueModel& queue() { return m_queue; }
    void setDoubts(std::vector<labels::Doubt> doubts);
    /// Marks the video at hand.
    void showFilm(qint64 videoId);
    /// To the next or previous place in doubt, round and round; false when there is none.
    bool stepDoubt(int step);
    void stepFilm(int step);

Q_SIGNALS:
    void segmentChosen(qint64 segmentId);
    void doubtChosen(const clipscope::labels::Doubt& doubt);
    void filmChosen(qint64 videoId);

private:
    QTableView* addTable(const QString& name, const QString& title, const QString& spoken,
        QAbstractItemModel* model);

    widgets::SegmentsModel m_segments;
    DoubtsModel m_doubts;
    QueueModel m_queue;
    QSortFilterProxyModel m_sortedSegments, m_sortedQueue;
    QTableView *m_segmentTable, *m_doubtTable, *m_queueTable;
};

} // namespace clipscope::studio
